// @runtimes node
/** Debian's public archive and the keys that are shipped: hosts without apt, of other distributions, and newer suites. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { readWhole } from "../../../../core/tree/content.ts";
import { ARCHIVE_KEYRING, ARCHIVE_KEYRING_VERSION } from "../../../../plugins/debian/fetch/archive-keys.ts";
import { checksValidUntil, readAptSettings } from "../../../../plugins/debian/fetch/apt-conf.ts";
import { defaultAddress } from "../../../../plugins/debian/fetch/default-archive.ts";
import { fetchPackages, locateArchive, openArchive } from "../../../../plugins/debian/fetch/index.ts";
import { packageIndex, resolveClosure } from "../../../../plugins/debian/resolve/index.ts";
import { debianNameProxy, type NameProxy } from "../../../debian-name-proxy.ts";
import { suite, tmp } from "../../../harness.ts";
import { closeThreads, makeArchive, makeKey, put, rejects, serve, testContext, type TestContext } from "./support.ts";

const test = suite("debian/fetch/default-archive", { timeout: 120_000 });
const PROXY = ["http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"];
const OPTIONS = { suite: "bookworm", architecture: "amd64" };
const UBUNTU = "ID=ubuntu\nID_LIKE=debian\n";

const checksHere = checksValidUntil(await readAptSettings("/"));
let context: TestContext;
let proxy: NameProxy;
const before = PROXY.map((name) => [name, process.env[name]] as const);
test.before(async () => {
  proxy = await debianNameProxy();
  Object.assign(process.env, proxy.env);
  context = await testContext();
});
test.after(async () => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  proxy.close();
  await closeThreads();
});

test("the keys that are shipped are the package's own file", async () => {
  const shipped = Buffer.from(ARCHIVE_KEYRING, "base64");
  const newest = { suite: "trixie", architecture: "amd64" };
  const root = bareRoot();
  const { archives } = await openArchive(newest, context, root);
  const index = packageIndex(
    archives.flatMap(({ packagesTexts }) => packagesTexts),
    "amd64",
  );
  const wanted = { packages: ["debian-archive-keyring"], recommends: false, exclude: [], essential: false };
  const { packages } = resolveClosure({ index, ...wanted, prefer: new Map(), satisfied: [] });
  const file = packages.find(({ name }) => name === "debian-archive-keyring")!;
  assert.is(file.version, ARCHIVE_KEYRING_VERSION);
  const [found] = await fetchPackages([file], { locate: () => locateArchive(newest, root) }, context, root);
  const entry = found!.tree.get("usr/share/keyrings/debian-archive-keyring.pgp" as never);
  assert.ok(entry?.type === "file" && shipped.equals(readWhole(entry)));
});

test("a root without apt, keys and certificates: the public archive, and the keys that are shipped", async () => {
  const { archives } = await openArchive(OPTIONS, context, bareRoot());
  assert.equal(
    archives.map(({ label, signed, baseUri, release }) => [label, signed, baseUri, release.origin]),
    ["bookworm", "bookworm-updates", "bookworm-security"].map((label) => [
      label,
      true,
      defaultAddress(label),
      "Debian",
    ]),
  );
  const names = ["", "-security"].map((suffix) => new URL(defaultAddress(suffix)).hostname);
  assert.ok(names.every((name) => proxy.hosts.has(name)));
});

test("Ubuntu's apt says nothing of Debian's releases: its archive is not asked for them", async () => {
  const { uri, asked, close } = await serve(tmp());
  try {
    const root = bareRoot();
    put(join(root, "etc/os-release"), UBUNTU);
    const stanza = `Types: deb\nURIs: ${uri}\nSuites: noble noble-updates noble-security\nComponents: main universe\n`;
    put(join(root, "etc/apt/sources.list.d/ubuntu.sources"), stanza);
    const { archives } = await openArchive(OPTIONS, context, root);
    assert.equal(
      archives.map(({ baseUri }) => baseUri),
      archives.map(({ label }) => defaultAddress(label)),
    );
    assert.equal(asked, []);
  } finally {
    close();
  }
});

test("a Debian host whose own archive has not got the release: all of it is taken from the public one", async () => {
  const key = await makeKey();
  const own = await makeArchive([{ suite: "x" }, { suite: "x-security" }, { suite: "bookworm-security" }], key);
  const root = debianHost(own.uri, readFileSync(own.keyring));
  const { archives } = await openArchive(OPTIONS, context, root);
  assert.equal(
    archives.map(({ baseUri }) => baseUri),
    archives.map(({ label }) => defaultAddress(label)),
  );
});

test("where it has it, the public one is not asked, not even for what it lacks", async () => {
  const key = await makeKey();
  const own = await makeArchive([{ suite: "x" }, { suite: "x-updates" }, { suite: "bookworm" }], key);
  const root = debianHost(own.uri, readFileSync(own.keyring));
  const askedBefore = proxy.requests();
  const fresh = await testContext();
  const { archives, lacksSecurity } = await openArchive(OPTIONS, fresh, root);
  assert.equal(
    archives.map(({ label, baseUri }) => [label, baseUri]),
    [["bookworm", own.uri]],
  );
  assert.is(proxy.requests(), askedBefore);
  assert.ok(lacksSecurity);
});

test("whoever answers under Debian's name is not believed without its signature", async () => {
  const false_ = await makeArchive([{ suite: "bookworm" }], await makeKey());
  const impostor = await serve(false_.directory);
  const root = tmp();
  put(join(root, "etc/apt/apt.conf"), `Acquire::http::Proxy "${impostor.uri}";`);
  put(join(root, "etc/apt/trusted.gpg.d/x.asc"), readFileSync(false_.keyring));
  try {
    // A proxy is asked by the whole address, which the impostor takes for a path.
    put(
      join(false_.directory, defaultAddress("bookworm"), "dists/bookworm/InRelease"),
      readFileSync(join(false_.directory, "dists/bookworm/InRelease")),
    );
    await rejects(openArchive(OPTIONS, context, root), "E_DEBIAN_SIGNATURE");
    assert.ok(impostor.asked.some((path) => path.endsWith("/InRelease")));
  } finally {
    impostor.close();
  }
});

test("a suite that is nowhere is told with every archive that was asked, and who named it", async () => {
  const own = await makeArchive([{ suite: "x" }, { suite: "x-updates" }], await makeKey());
  const root = debianHost(own.uri, readFileSync(own.keyring));
  const nowhere = { ...OPTIONS, suite: "bookwurm" };
  const { message } = await rejects(openArchive(nowhere, context, root), "E_DEBIAN_SUITE");
  for (const part of [own.uri, "a.sources", defaultAddress(""), "default"]) assert.match(message, part);
});

test("an archive that cannot be reached is named, with who named it and the mend", async () => {
  const root = tmp();
  put(join(root, "etc/apt/apt.conf"), `Acquire::http::Proxy "http://127.0.0.1:1";`);
  const fresh = await testContext();
  // The suites lie in two archives: whichever fails first, the first in order is told.
  const error = await rejects(openArchive(OPTIONS, fresh, root), "E_NETWORK");
  for (const part of [defaultAddress(""), "127.0.0.1:1", "default"]) assert.match(error.message, part);
  assert.match(error.hint ?? "", "mirror:");
});

/** Nothing but that expired releases are taken where this host takes them, as from a mirror that stands still. */
function bareRoot(): string {
  const root = tmp();
  if (!checksHere) put(join(root, "etc/apt/apt.conf"), `Acquire::Check-Valid-Until "false";`);
  return root;
}

/** Debian with a release x of its own. */
function debianHost(uri: string, keys: Buffer): string {
  const root = bareRoot();
  put(join(root, "etc/os-release"), 'PRETTY_NAME="Debian"\nID=debian\n');
  put(join(root, "k.asc"), keys);
  put(
    join(root, "etc/apt/sources.list.d/a.sources"),
    `Types: deb\nURIs: ${uri}\nSuites: x x-updates x-security\nComponents: main\nSigned-By: /k.asc\n`,
  );
  return root;
}

test.run();
