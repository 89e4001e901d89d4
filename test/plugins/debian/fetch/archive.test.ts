import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openArchive } from "../../../../plugins/debian/fetch/index.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import {
  closeThreads,
  makeArchive,
  makeKey,
  put,
  rejects,
  serve,
  testContext,
  type TestArchive,
  type TestContext,
  type TestKey,
} from "./support.ts";

const test = suite("debian/fetch/archive");

let key: TestKey;
let archive: TestArchive;
let context: TestContext;
const OPTIONS = { suite: "x", architecture: "amd64" } as const;

test.before(async () => {
  key = await makeKey();
  archive = await makeArchive([{ suite: "x" }, { suite: "x-security", byHash: true, packages: ["fix"] }], key);
});
test.before.each(async () => {
  context = await testContext();
});
test.after(closeThreads);

test("a mirror's suites are opened in order: the suite, then security; updates may be missing", async () => {
  const { archives } = await openArchive({ ...OPTIONS, mirror: archive.uri, keyring: archive.keyring }, context);
  assert.equal(
    archives.map(({ label, baseUri }) => [label, baseUri]),
    [
      ["x", archive.uri],
      ["x-security", archive.uri],
    ],
  );
  assert.equal(
    archives.map(({ packagesTexts }) => packagesTexts.map(({ archive: name }) => name)),
    [["x/main"], ["x-security/main"]],
  );
  assert.match(String(archives[0]?.packagesTexts[0]?.text), /^Package: hello\n/);
  assert.match(String(archives[1]?.packagesTexts[0]?.text), /^Package: fix\n/);
  assert.ok(context.events.some((event) => event.type === "progress"));
});

test("the host's own configuration does as well, with its keys", async () => {
  const root = tmp();
  const inline = readFileSync(archive.keyring, "utf8")
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => ` ${line || "."}`)
    .join("\n");
  put(
    join(root, "etc/apt/sources.list.d/a.sources"),
    `Types: deb\nURIs: ${archive.uri}\nSuites: x x-security\nComponents: main\nSigned-By:\n${inline}\n`,
  );
  const { archives } = await openArchive(OPTIONS, context, root);
  assert.equal(
    archives.map(({ label }) => label),
    ["x", "x-security"],
  );
});

test("every compression, by hash and by name, by SHA256 or by SHA512 alone, gives the same text", async () => {
  for (const compression of ["xz", "gz", "zst", "bz2", "lz4", "none"] as const) {
    for (const [byHash, hash] of [
      [true, "SHA256"],
      [false, "SHA256"],
      [compression === "lz4", "SHA512"],
    ] as const) {
      const one = await makeArchive([{ suite: "x", byHash, hash, compressions: [compression] }], key);
      const fresh = await testContext();
      const { archives } = await openArchive({ ...OPTIONS, mirror: one.uri, keyring: one.keyring }, fresh);
      assert.match(String(archives[0]?.packagesTexts[0]?.text), /^Package: hello\n/, `${compression} ${hash}`);
    }
  }
});

test("what is unchanged is not fetched again, but the signature is checked each time", async () => {
  const { uri: mirror, asked, close } = await serve(archive.directory);
  try {
    const options = { ...OPTIONS, mirror, keyring: archive.keyring };
    await openArchive(options, context);
    const first = asked.splice(0);
    assert.ok(first.some((path) => path.includes("/by-hash/SHA256/")));
    assert.ok(first.includes("/dists/x/main/binary-amd64/Packages.xz"));
    await openArchive(options, context);
    assert.not.ok(asked.some((path) => path.includes("Packages") || path.includes("by-hash")));
    assert.ok(asked.includes("/dists/x/InRelease"));
    await rejects(openArchive({ ...options, keyring: await otherKeyring() }, context), "E_DEBIAN_SIGNATURE");
  } finally {
    close();
  }
});

test("a detached signature counts; no signature only when that is allowed", async () => {
  const detached = await makeArchive([{ suite: "x", sign: "detached" }], key);
  const options = { ...OPTIONS, mirror: detached.uri, keyring: detached.keyring };
  assert.is((await openArchive(options, context)).archives.length, 1);
  await rejects(openArchive({ ...options, keyring: await otherKeyring() }, context), "E_DEBIAN_SIGNATURE");

  const none = await makeArchive([{ suite: "x", sign: "none" }], key);
  const error = await rejects(openArchive({ ...options, mirror: none.uri }, context), "E_DEBIAN_SIGNATURE");
  assert.match(error.hint ?? "", "allowUnsigned");
  const unsigned = { ...OPTIONS, mirror: none.uri, allowUnsigned: true };
  assert.is((await openArchive(unsigned, context)).archives.length, 1);
  // Allowed to be unsigned is not allowed to be signed wrongly.
  const wrong = { ...OPTIONS, mirror: detached.uri, keyring: await otherKeyring(), allowUnsigned: true };
  await rejects(openArchive(wrong, context), "E_DEBIAN_SIGNATURE");
});

for (const hash of ["SHA256", "SHA512"] as const)
  test(`an index that is not what its Release says by ${hash} is an error, and is not kept`, async () => {
    const bad = await makeArchive([{ suite: "x", hash }], key);
    const index = join(bad.directory, "dists/x/main/binary-amd64/Packages.xz");
    const good = readFileSync(index);
    const options = { ...OPTIONS, mirror: bad.uri, keyring: bad.keyring };
    writeFileSync(index, Buffer.concat([good.subarray(0, -1), Buffer.from([good.at(-1)! ^ 1])]));
    await rejects(openArchive(options, context), "E_HASH_MISMATCH");
    writeFileSync(index, Buffer.concat([good, good]));
    await rejects(openArchive(options, context), "E_HASH_MISMATCH");
    writeFileSync(index, good);
    assert.is((await openArchive(options, context)).archives.length, 1);
    assert.equal(readdirSync(join(context.store.directory, "tmp")), []);
  });

test("a FIFO or an endless device in the place of a release, a list or a keyring is an error at once", async () => {
  const one = await makeArchive([{ suite: "x" }], key);
  const options = { ...OPTIONS, mirror: one.uri, keyring: one.keyring };
  const fifo = join(tmp(), "fifo");
  execFileSync(requireTool("mkfifo"), [fifo]);
  for (const [target, kind] of [
    [fifo, "a FIFO"],
    ["/dev/zero", "a device"],
  ] as const) {
    const keyring = await rejects(openArchive({ ...options, keyring: target }, context), "E_DEBIAN_KEYRING");
    assert.match(keyring.message, `it is ${kind}, not a regular file`);
    for (const path of ["dists/x/InRelease", "dists/x/main/binary-amd64/Packages.xz"]) {
      const place = join(one.directory, path);
      renameSync(place, `${place}.good`);
      symlinkSync(target, place);
      const error = await rejects(openArchive(options, context), "E_NETWORK");
      assert.match(error.message, `it is ${kind}, not a regular file`);
      rmSync(place);
      renameSync(`${place}.good`, place);
    }
  }
});

test("missing suites, components, architectures and releases of another name each say so", async () => {
  const at = { ...OPTIONS, mirror: archive.uri, keyring: archive.keyring };
  const suiteError = await rejects(openArchive({ ...at, suite: "y" }, context), "E_DEBIAN_SUITE");
  assert.match(suiteError.message, `"y"`);
  const component = await rejects(openArchive({ ...at, components: ["main", "extra"] }, context), "E_DEBIAN_SUITE");
  assert.match(component.hint ?? "", "components:");
  const architecture = await rejects(openArchive({ ...at, architecture: "arm64" }, context), "E_DEBIAN_SUITE");
  assert.match(architecture.hint ?? "", "architecture:");
  const renamed = await makeArchive([{ suite: "x", fields: { Suite: "old", Codename: "older" } }], key);
  await rejects(openArchive({ ...at, mirror: renamed.uri }, context), "E_DEBIAN_SUITE");
});

test("a stale release is refused, unless the host's apt is told not to mind", async () => {
  const stale = await makeArchive([{ suite: "x", fields: { "Valid-Until": "Sat, 01 Jan 2000 00:00:00 UTC" } }], key);
  const options = { ...OPTIONS, mirror: stale.uri, keyring: stale.keyring };
  const root = tmp();
  await rejects(openArchive(options, context, root), "E_DEBIAN_METADATA");
  put(join(root, "etc/apt/apt.conf.d/99x"), `Acquire::Check-Valid-Until "false";`);
  assert.is((await openArchive(options, context, root)).archives.length, 1);
});

test("another vendor's suite of the same name does not get in the way", async () => {
  const vendor = await makeArchive([{ suite: "x", fields: { Origin: "Vendor" }, packages: ["other"] }], key);
  const root = tmp();
  put(join(root, "etc/apt/trusted.gpg.d/a.asc"), readFileSync(archive.keyring));
  const lines = [vendor.uri, archive.uri].map((uri) => `deb ${uri} x main\n`);
  put(join(root, "etc/apt/sources.list"), lines.join(""));
  assert.is((await openArchive(OPTIONS, context, root)).archives[0]?.baseUri, archive.uri);
  put(join(root, "etc/apt/sources.list"), lines[0]!);
  assert.is((await openArchive(OPTIONS, context, root)).archives[0]?.baseUri, vendor.uri);
});

test("a place that fails is passed over with a warning when another one answers", async () => {
  const suites = [{ suite: "x" }, { suite: "x-updates" }, { suite: "x-security" }];
  const whole = await makeArchive(suites, key);
  const untrusted = await makeArchive(suites, await makeKey());
  const options = { ...OPTIONS, keyring: whole.keyring };
  const { archives } = await openArchive({ ...options, mirror: [untrusted.uri, whole.uri] }, context);
  assert.equal(
    archives.map(({ baseUri }) => baseUri),
    [whole.uri, whole.uri, whole.uri],
  );
  assert.ok(context.events.some((event) => event.type === "warning" && event.code === "E_DEBIAN_SIGNATURE"));
  // What the failing place has of the updates cannot be known, so there are not taken to be none.
  await rejects(openArchive({ ...options, mirror: [untrusted.uri, archive.uri] }, context), "E_DEBIAN_SIGNATURE");
});

async function otherKeyring(): Promise<string> {
  const file = join(tmp(), "other.asc");
  writeFileSync(file, (await makeKey()).publicKey.armor());
  return file;
}

test("a missing security suite is seen, but for releases that have none", async () => {
  const isLacking = async (fields: Readonly<Record<string, string>>): Promise<boolean> => {
    const one = await makeArchive([{ suite: "x", fields }], key);
    return (await openArchive({ ...OPTIONS, mirror: one.uri, keyring: one.keyring }, context)).lacksSecurity;
  };
  assert.ok(await isLacking({}));
  assert.not(await isLacking({ Suite: "unstable" }));
  assert.not(await isLacking({ Suite: "experimental" }));
  assert.not(await isLacking({ Origin: "Vendor" }));
  const whole = { ...OPTIONS, mirror: archive.uri, keyring: archive.keyring };
  assert.not((await openArchive(whole, context)).lacksSecurity);
});

test("a suite that the lock was made with may not be gone, nor its release be older", async () => {
  const options = { ...OPTIONS, mirror: archive.uri, keyring: archive.keyring };
  const at = (date: string) => new Map([["x", date]]);
  const { archives } = await openArchive({ ...options, known: at("Sat, 01 Nov 2025 00:00:00 UTC") }, context);
  assert.equal(
    archives.map(({ signed, release }) => [signed, release.date]),
    [
      [true, "Sat, 01 Nov 2025 00:00:00 UTC"],
      [true, "Sat, 01 Nov 2025 00:00:00 UTC"],
    ],
  );
  const later = at("Sat, 01 Nov 2025 00:00:01 UTC");
  const older = await rejects(openArchive({ ...options, known: later }, context, tmp()), "E_DEBIAN_METADATA");
  assert.match(older.hint ?? "", "Check-Valid-Until");
  const root = tmp();
  put(join(root, "etc/apt/apt.conf.d/99x"), `Acquire::Check-Valid-Until "false";`);
  assert.is((await openArchive({ ...options, known: later }, context, root)).archives.length, 2);
  const known = new Map([["x-updates", undefined]]);
  const gone = await rejects(openArchive({ ...options, known }, context), "E_DEBIAN_SUITE");
  assert.match(gone.message, "x-updates");
});

test.run();
