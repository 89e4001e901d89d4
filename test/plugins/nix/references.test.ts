import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { hostEntry, hostPath, inlineFile, treePath, type Entry } from "../../../core/index.ts";
import {
  findHashes,
  findHashesInEntries,
  findStorePaths,
  mentionedSources,
  type Mentions,
} from "../../../plugins/nix/index.ts";
import { HASH_DIGITS } from "../../../plugins/nix/store-path.ts";
import { suite, tmp } from "../../harness.ts";
import { nixFixture, type NixFixture } from "./store-fixture.ts";

const test = suite("nix/references");

let host: NixFixture;
test.before(() => {
  host = nixFixture();
});

const HASH = "0123456789abcdfghijklmnpqrsvwxyz";
const link = (path: string, target: string): Entry => ({
  path: treePath(path),
  type: "symlink",
  mode: 0o777,
  uid: 0,
  gid: 0,
  mtime: 1,
  target,
});

test("store paths in a text are found with their names, wherever they stand", () => {
  const text = `PATH=/nix/store/${HASH}-a-1.0/bin:/nix/store/${HASH}-b_c+d?=e"/nix/store//nix/store/${HASH}-a-1.0 /nix/store/${HASH.toUpperCase()}-no /nix/stores/${HASH}-no`;
  assert.equal(findStorePaths(text, "/nix/store"), [`/nix/store/${HASH}-a-1.0`, `/nix/store/${HASH}-b_c+d?=e`]);
  assert.equal(findStorePaths(Buffer.from(`\xff\0/x/${HASH}-ü-a`, "latin1"), "/x"), []);
  assert.equal(findStorePaths("", "/nix/store"), []);
});

test("a hash is found at any place of any bytes, as a search for it would", () => {
  const byte = fc.oneof(fc.constantFrom(...Buffer.from(HASH_DIGITS)), fc.nat(255));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(byte, { maxLength: 80 }),
      fc.nat(100),
      (before, after, cut) => {
        const bytes = Buffer.concat([before, Buffer.from(HASH), Buffer.from(after)]);
        const other = bytes.subarray(cut, cut + 32).toString("latin1");
        const known = new Set([HASH, ...(/^[0-9a-df-np-sv-z]{32}$/.test(other) ? [other] : [])]);
        assert.equal(findHashes(bytes, known), [...known].sort());
        assert.equal(findHashes(bytes, new Set(["z".repeat(32)])), []);
      },
    ),
  );
});

test("a search takes about as long as reading, whatever the bytes", () => {
  const size = 20_000_000;
  const known = new Set([HASH, ...Array.from({ length: 5000 }, (_, at) => `${at}`.padStart(32, "z"))]);
  const digits = Buffer.alloc(size, Buffer.from(HASH_DIGITS.repeat(3).slice(7, 80)));
  for (const bytes of [
    Buffer.alloc(size, "0"),
    Buffer.alloc(size, 0),
    digits,
    Buffer.alloc(size, `${HASH.slice(1)}!`),
  ]) {
    bytes.write(HASH, size - 32);
    const start = performance.now();
    assert.equal(findHashes(bytes, known), [HASH]);
    // It took 54 seconds; it takes some 0.1.
    assert.ok(performance.now() - start < 5000);
  }
});

test("what comes from elsewhere is told and brings nothing, also where a script copied it", () => {
  const [hello, dep, single] = ["hello", "dep", "text"].map(host.build) as [string, string, string];
  const hashOf = (path: string) => path.slice(host.store.length + 1).slice(0, 32);
  const file = (path: string, content: string) => inlineFile(treePath(path), Buffer.from(content));
  const told: string[] = [];
  const brought = (mentions: Omit<Mentions, "texts" | "present">) => {
    told.length = 0;
    const all = { texts: [], entries: [], present: [], tell: (path: string) => void told.push(path) };
    return mentionedSources({ ...all, ...mentions }).map(({ options }) => (options as { storePath: string }).storePath);
  };
  assert.equal(brought({ entries: [], outside: [link("l", `/x/${hashOf(hello)}`)] }), []);
  assert.equal(told, [hello]);
  assert.equal(brought({ entries: [], outside: [file("f", `see ${dep}`), link("l", hello)] }), []);
  assert.equal(told, [dep, hello].sort());

  const large = join(tmp(), "large");
  writeFileSync(large, `${"x".repeat(2_000_000)}${hashOf(hello)}`);
  const read = hostEntry(hostPath(large), treePath("large"), "git");
  assert.equal(brought({ entries: [], outside: [read] }), []);
  assert.equal(told, [], "files from elsewhere are not read for nothing");
  assert.equal(brought({ entries: [], made: [file("copied", hashOf(hello)), file("own", single)], outside: [read] }), [
    single,
  ]);
  assert.equal(told, [hello]);
  assert.equal(
    brought({ entries: [file("mine", hello)], made: [read], outside: [read] }),
    [hello],
    "the author names it too",
  );
  assert.equal(told, []);
});

test("files of any size and links' targets are searched, over the borders of what is read at once", () => {
  const file = join(tmp(), "large");
  for (const at of [0, 1024 * 1024 - 1, 1024 * 1024 + 5, 1024 * 1024 + 32 - 16, 2 * 1024 * 1024 + 20, 3_000_000 - 32]) {
    const bytes = Buffer.alloc(3_000_000);
    bytes.write(HASH, at);
    writeFileSync(file, bytes);
    assert.equal(
      findHashesInEntries([hostEntry(hostPath(file), treePath("f"), "git")], new Set([HASH])),
      [HASH],
      `${at}`,
    );
  }
  assert.equal(findHashesInEntries([link("l", `../${HASH}-x`)], new Set([HASH])), [HASH]);
});

test("what config and scripts mention becomes a source without links of its own (4.2: 37)", () => {
  const [hello, dep, single] = ["hello", "dep", "text"].map(host.build) as [string, string, string];
  const sources = mentionedSources({
    texts: [`${hello}/bin/hello`, `DATA=${dep}.`],
    entries: [inlineFile(treePath("etc/x"), Buffer.from(`see ${single.slice(host.store.length + 1)}`)), link("l", dep)],
    present: [dep],
  });
  assert.equal(
    sources.map(({ kind, options }) => [kind, options]),
    [hello, single].toSorted().map((storePath) => ["nix", { storePath, placement: "store" }]),
  );
  const drv = host.run("nix-store", "--query", "--deriver", hello);
  assert.equal(mentionedSources({ texts: [drv], entries: [], present: [] }), []);
});

test("without a store on this host nothing is mentioned", () => {
  const before = process.env["NIX_STORE_DIR"];
  process.env["NIX_STORE_DIR"] = join(tmp(), "none");
  try {
    assert.equal(mentionedSources({ texts: [`/nix/store/${HASH}-a`], entries: [], present: [] }), []);
  } finally {
    process.env["NIX_STORE_DIR"] = before;
  }
});

test.run();
