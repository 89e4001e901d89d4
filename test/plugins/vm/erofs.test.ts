/** The image that a guest gets its tree by, read by erofs-utils. */
// @runtimes node
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import {
  FileTree,
  directoryEntry,
  inlineFile,
  readWhole,
  treePath,
  treePathFromBytes,
  type Entry,
  type FileEntry,
} from "../../../core/index.ts";
import { randomTree } from "../../../core/testing/index.ts";
import { erofsImage } from "../../../plugins/vm/erofs/image.ts";
import { must, sha256 } from "../../e2e/support.ts";
import { differences, listTree, type ListedEntry } from "../../e2e/tree-listing.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("vm/erofs", { timeout: 120_000 });
requireTool("fsck.erofs");

const META = { mode: 0o640, uid: 70_000, gid: 70_001, mtime: 1_234_567_890 };

test("what Linux can have in a tree is in the image, as erofs-utils unpack it", () => {
  const odd = FileTree.of([
    ...Array.from({ length: 3000 }, (_, index) => inlineFile(treePath(`many/file-${index}`), Buffer.from(`${index}`))),
    { ...inlineFile(treePath("large"), Buffer.alloc(300_000, "large ")), ...META },
    { ...META, type: "hardlink", path: treePath("second-name"), target: treePath("large") },
    { ...inlineFile(treePath("empty"), Buffer.alloc(0)), mode: 0o4755, xattrs: { "user.note": "x".repeat(300) } },
    { ...META, type: "symlink", path: treePath("link"), target: "large" },
    { ...META, type: "symlink", path: treePath("long-link"), target: "a/".repeat(2000) },
    { ...META, type: "character", path: treePath("null"), major: 1, minor: 3 },
    { ...META, type: "block", path: treePath("disk"), major: 259, minor: 4000 },
    { ...META, type: "fifo", path: treePath("fifo") },
    { ...directoryEntry(treePath("of-user")), mode: 0o1777, uid: 1000 },
    inlineFile(treePath("!first"), Buffer.from("sorts before the dots")),
    inlineFile(treePathFromBytes("\xff\xfe\nname"), Buffer.from("not UTF-8")),
  ]);
  assert.equal(differences(unpacked(odd), listed(odd)), []);
});

test("random trees come back", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const tree = randomTree(seed, 60);
      assert.equal(differences(unpacked(tree), listed(tree)), []);
    }),
    { numRuns: 25 },
  );
});

test("any part of the image can be read by itself", () => {
  const image = erofsImage({ tree: randomTree(7, 200) });
  const whole = Buffer.alloc(image.size);
  image.read(whole, 0, image.size);
  fc.assert(
    fc.property(fc.nat(image.size - 1), fc.nat(20_000), (offset, wanted) => {
      const length = Math.min(wanted, image.size - offset);
      const part = Buffer.alloc(length, 0xff);
      image.read(part, offset, length);
      assert.ok(part.equals(whole.subarray(offset, offset + length)));
    }),
  );
});

test("attributes that the file system has no place for are refused by name", () => {
  const tree = FileTree.of([
    { ...inlineFile(treePath("a"), Buffer.from("x")), xattrs: { "btrfs.compression": "zstd" } },
  ]);
  assert.throws(() => erofsImage({ tree }), /"btrfs\.compression" of \/a/);
});

test.run();

/** As fsck.erofs unpacks it, which also checks it. */
function unpacked(tree: FileTree): ReadonlyMap<string, ListedEntry> {
  const folder = tmp();
  const image = erofsImage({ tree });
  const bytes = Buffer.alloc(image.size);
  image.read(bytes, 0, image.size);
  writeFileSync(join(folder, "image"), bytes);
  must(["fsck.erofs", `--extract=${join(folder, "out")}`, join(folder, "image")], { cwd: folder });
  return comparable(listTree(join(folder, "out/tree")));
}

/** What the tree itself says, in the listing's words. */
function listed(tree: FileTree): ReadonlyMap<string, ListedEntry> {
  const rows = tree.entries().map((entry): readonly [string, ListedEntry] => {
    const own = entry.type === "hardlink" ? (tree.get(entry.target) as FileEntry) : entry;
    const { gid, mtime, uid } = own;
    const mode = own.type === "symlink" ? {} : { mode: own.mode };
    return [entry.path, { ...bodyOf(own), gid, ...mode, mtime, path: entry.path, uid } as unknown as ListedEntry];
  });
  return comparable(new Map(rows));
}

function bodyOf(entry: Exclude<Entry, { type: "hardlink" }>): object {
  switch (entry.type) {
    case "file":
      return { names: [entry.path], sha256: sha256(readWhole(entry)), size: entry.size, type: "file" };
    case "symlink":
      return { target: entry.target, type: "symlink" };
    case "directory":
      return { type: "directory" };
    case "fifo":
      return { device: [0, 0], type: "6" };
    default:
      return { device: [entry.major, entry.minor], type: entry.type === "character" ? "3" : "4" };
  }
}

/** fsck.erofs makes of each hard link a file of its own, and changes owners after modes, which takes set-user-ID away. */
function comparable(entries: ReadonlyMap<string, ListedEntry>): ReadonlyMap<string, ListedEntry> {
  const rows = [...entries].map(([path, entry]): [string, ListedEntry] => {
    const { names, mode, ...rest } = entry;
    const whole = { ...rest, names: names === undefined ? [] : [path], mode: (mode ?? 0) & 0o1777 };
    return [
      path,
      Object.fromEntries(Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as ListedEntry,
    ];
  });
  return new Map(rows);
}
