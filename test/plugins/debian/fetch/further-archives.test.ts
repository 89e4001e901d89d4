/** A vendor's archive beside Debian's: its own keys, its own credentials, its own files. */
import * as assert from "uvu/assert";
import { fetchPackages, locateArchive, openArchive } from "../../../../plugins/debian/fetch/index.ts";
import { suite, tmp } from "../../../harness.ts";
import {
  closeThreads,
  makeArchive,
  makeKey,
  rejects,
  serve,
  testContext,
  type TestArchive,
  type TestContext,
  type TestKey,
} from "./support.ts";

const test = suite("debian/fetch/further-archives");

let keys: readonly [TestKey, TestKey];
let debian: TestArchive;
let vendor: TestArchive;
let context: TestContext;
test.before(async () => {
  keys = [await makeKey(), await makeKey()];
  debian = await makeArchive([{ suite: "x", packages: ["hello"] }], keys[0]);
  vendor = await makeArchive([{ suite: "stable", packages: ["tool"], fields: { Origin: "Vendor" } }], keys[1]);
});
test.before.each(async () => {
  context = await testContext();
});
test.after(closeThreads);

const options = (further: object = {}, own: object = {}) => ({
  suite: "x",
  architecture: "amd64",
  mirror: debian.uri,
  keyring: debian.keyring,
  ...own,
  archives: [{ mirror: vendor.uri, suite: "stable", keyring: vendor.keyring, ...further }],
});

test("the archive's packages stand beside Debian's, with its address and the priority that apt would give them", async () => {
  const { archives } = await openArchive(options(), context);
  const label = `${vendor.uri} stable`;
  assert.equal(
    archives.map(({ label: name }) => name),
    ["x", label],
  );
  assert.equal(
    archives.flatMap(({ packagesTexts }) =>
      packagesTexts.map(({ archive, priority, isFurther }) => [archive, priority, isFurther]),
    ),
    [
      ["x/main", 500, false],
      [`${label}/main`, 500, true],
    ],
  );
  const pinned = await openArchive(options({ priority: 990 }), context);
  assert.is(pinned.archives[1]?.packagesTexts[0]?.priority, 990);
});

test("each archive is signed by its own keys, and by no other's", async () => {
  await rejects(openArchive(options({ keyring: debian.keyring }), context), "E_DEBIAN_SIGNATURE");
  await rejects(openArchive(options({}, { keyring: vendor.keyring }), context), "E_DEBIAN_SIGNATURE");
  await openArchive(options({ keyring: [debian.keyring, vendor.keyring] }), context);
});

test("that Debian's may be unsigned says nothing of the vendor's", async () => {
  const unsigned = await makeArchive([{ suite: "stable", sign: "none" }], keys[1]);
  const further = { mirror: unsigned.uri };
  await rejects(openArchive(options(further, { allowUnsigned: true }), context), "E_DEBIAN_SIGNATURE");
  const { archives } = await openArchive(options({ ...further, allowUnsigned: true }), context);
  assert.equal(
    archives.map(({ signed }) => signed),
    [true, false],
  );
});

test("flat archives have one list, by any compression and by hash, with no suite's name in their release", async () => {
  for (const [name, byHash] of [
    ["./", false],
    ["sub/", true],
  ] as const) {
    const flat = await makeArchive([{ suite: name, byHash, compressions: ["gz"], packages: ["flat"] }], keys[1]);
    const { archives } = await openArchive(options({ mirror: flat.uri, suite: name, keyring: flat.keyring }), context);
    assert.match(String(archives[1]?.packagesTexts[0]?.text), /^Package: flat\n/);
    assert.is(archives[1]?.packagesTexts[0]?.archive, `${flat.uri} ${name}`);
    const alone = { suite: name, architecture: "amd64", mirror: flat.uri, keyring: flat.keyring };
    assert.is((await openArchive(alone, context)).archives.length, 1);
  }
});

test("a suite or component that the vendor has not is an error that names its address", async () => {
  const gone = await rejects(openArchive(options({ suite: "old" }), context), "E_DEBIAN_SUITE");
  assert.match(gone.message, vendor.uri);
  const none = await rejects(openArchive(options({ components: ["nightly"] }), context), "E_DEBIAN_SUITE");
  assert.match(none.message, /stable has no component "nightly"; it has main/);
});

test("an archive that was left out of the config is no suite that is gone; an older release of one is refused", async () => {
  const label = `${vendor.uri} stable`;
  const without = { ...options(), archives: [], known: new Map([[label, "Sat, 01 Nov 2025 00:00:00 UTC"]]) };
  assert.is((await openArchive(without, context, tmp())).archives.length, 1);
  const newer = { ...options(), known: new Map([[label, "Sun, 02 Nov 2025 00:00:00 UTC"]]) };
  await rejects(openArchive(newer, context, tmp()), "E_DEBIAN_METADATA");
});

test("credentials and paths of an archive go to its own host alone", async () => {
  const servers = await Promise.all([debian.directory, vendor.directory].map(serve));
  const [own, other] = servers.map(({ uri }, index) => uri.replace("//", `//user${index}:secret${index}@`));
  try {
    const given = options({ mirror: other! }, { mirror: own! });
    await openArchive(given, context);
    const files = [debian.debs.get("hello")!, vendor.debs.get("tool")!];
    const label = (await locateArchive(given)).at(-1)?.label;
    assert.not.match(label ?? "", /secret/);
    const wanted = [
      { ...files[0]!, archive: "x/main" },
      { ...files[1]!, archive: `${label}/main` },
    ];
    assert.is((await fetchPackages(wanted, { locate: () => locateArchive(given) }, context)).length, 2);
    for (const [index, { asked, headers }] of servers.entries()) {
      const expected = `Basic ${Buffer.from(`user${index}:secret${index}`).toString("base64")}`;
      assert.ok(asked.length > 0);
      assert.equal([...new Set(headers.map(({ authorization }) => authorization))], [expected]);
      assert.not.ok(asked.some((url) => url.includes(index === 0 ? "tool" : "hello")));
    }
    const gone = { ...wanted[1]!, filename: "pool/gone.deb", checksum: wanted[0]!.checksum };
    const fresh = await testContext();
    const snapshot = debian.uri;
    const places = { locate: () => locateArchive(given), snapshot };
    await rejects(fetchPackages([gone], places, fresh), "E_DEBIAN_POOL_GONE");
    assert.not.ok(servers[0]!.asked.some((url) => url.includes("gone")));
  } finally {
    for (const { close } of servers) close();
  }
});

test.run();
