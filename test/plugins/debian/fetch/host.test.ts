/** Against the host's own configuration and the archive that it names: real keys, real packages. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as openpgp from "openpgp";
import * as assert from "uvu/assert";
import { identityOf } from "../../../../plugins/debian/checksum.ts";
import { httpGet } from "../../../../core/http/get.ts";
import {
  fetchPackages,
  locateArchive,
  openArchive,
  type OpenedArchive,
  type PoolFile,
} from "../../../../plugins/debian/fetch/index.ts";
import { endOfStanza, parseStanza } from "../../../../plugins/debian/resolve/control.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { closeThreads, rejects, testContext, type TestContext } from "./support.ts";

const test = suite("debian/fetch/host", { timeout: 120_000 });

const SUITE = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
const OPTIONS = { suite: SUITE, architecture: "amd64" };

let context: TestContext;
let archives: readonly OpenedArchive[];
test.before(async () => {
  context = await testContext();
  ({ archives } = await openArchive(OPTIONS, context));
});
test.after(closeThreads);

test("the host's suites are found, trusted and whole", () => {
  assert.equal(
    archives.map(({ label }) => label),
    [SUITE, `${SUITE}-updates`, `${SUITE}-security`],
  );
  const [main] = archives[0]!.packagesTexts;
  assert.ok(main!.text.length > 20_000_000);
  assert.match(String(main!.text.subarray(0, 100)), /^Package: 0ad\n/);
});

test("gpgv finds the same releases good", async () => {
  const gpgv = requireTool("gpgv");
  for (const { suite: name, places } of await locateArchive(OPTIONS)) {
    const response = await httpGet(`${places[0]!.uri}/dists/${name}/InRelease`, {
      signal: context.signal,
      maxBytes: 1e7,
    });
    const message = join(tmp(), "InRelease");
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body) pieces.push(piece);
    writeFileSync(message, Buffer.concat(pieces));
    const { stdout } = spawnSync(gpgv, ["--status-fd", "1", "--keyring", keyringOfHost(), message], {
      encoding: "utf8",
    });
    assert.match(stdout, "GOODSIG");
    assert.not.match(stdout, "BADSIG");
  }
});

test("a package is fetched, verified and read as dpkg-deb reads it", async () => {
  const dpkg = requireTool("dpkg-deb");
  const file = find("redis-server");
  const [found] = await fetchPackages([file], { locate: () => locateArchive(OPTIONS) }, context);
  const deb = (await context.store.findBlob(identityOf(file.checksum)))!;
  const listed = execFileSync(dpkg, ["-c", deb], { encoding: "utf8" }).trimEnd().split("\n");
  assert.is(found!.tree.size, listed.filter((line) => !line.endsWith(" ./")).length);
  assert.is(String(found!.control.get("control")), execFileSync(dpkg, ["-f", deb], { encoding: "utf8" }));
  const members = execFileSync(dpkg, ["--ctrl-tarfile", deb]);
  const names = execFileSync("tar", ["-t"], { input: members, encoding: "utf8" }).split("\n");
  assert.equal(
    [...found!.control.keys()],
    names
      .map((name) => name.replace(/^\.\//, ""))
      .filter(Boolean)
      .toSorted(),
  );
});

test("without the right key nothing is trusted", async () => {
  const { publicKey } = await openpgp.generateKey({ userIDs: [{ name: "Nobody" }], format: "object" });
  const keyring = join(tmp(), "other.gpg");
  writeFileSync(keyring, publicKey.write());
  await rejects(openArchive({ ...OPTIONS, keyring }, context), "E_DEBIAN_SIGNATURE");
  await rejects(openArchive({ ...OPTIONS, keyring: "/nowhere.gpg" }, context), "E_DEBIAN_KEYRING");
  await rejects(openArchive({ ...OPTIONS, suite: "no-such-suite" }, context), "E_DEBIAN_SUITE");
});

/** The newest in the order of the archives: security comes last. */
function find(name: string): PoolFile {
  for (const { packagesTexts } of archives.toReversed()) {
    for (const { text, archive } of packagesTexts) {
      const all = text.toString("latin1");
      const start = all.indexOf(`\n\nPackage: ${name}\n`) + 2;
      if (start < 2) continue;
      const stanza = parseStanza(all, start, endOfStanza(all, start), "test");
      const get = (field: string) => stanza.get(field)!;
      return {
        name,
        version: get("Version"),
        architecture: get("Architecture"),
        filename: get("Filename"),
        size: Number(get("Size")),
        checksum: { algorithm: "SHA256", hex: get("SHA256") },
        archive,
      };
    }
  }
  throw new Error(`The host's archive has no ${name}`);
}

/** All that the host's apt trusts, in one file of the kind that gpgv reads. */
function keyringOfHost(): string {
  const file = join(tmp(), "host.gpg");
  const folder = "/usr/share/keyrings";
  const name = readdirSync(folder).find((one) => /^debian-archive-keyring\.(gpg|pgp)$/.test(one));
  writeFileSync(file, readFileSync(join(folder, name!)));
  return file;
}

test.run();
