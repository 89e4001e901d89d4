import * as fc from "fast-check";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/error.ts";
import type { FileEntry } from "../../../core/model/entry.ts";
import {
  ROOT,
  baseNameOf,
  comparePaths,
  liesIn,
  nameStartsWith,
  parentOf,
  treePath,
  treePathFromBytes,
  type TreePath,
} from "../../../core/model/path.ts";
import { FileTree, directoryEntry } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { withoutPaths } from "../../../core/tree/overlay.ts";
import { suite } from "../../harness.ts";

const test = suite("tree/file-tree");

test("bytes in memory that are not as many as the size says are refused, since a tar would go wrong by them", () => {
  const file = inlineFile(treePath("etc/motd"), Buffer.from("hello"));
  assert.is(FileTree.of([file]).contentSize(), 5);
  for (const size of [0, 4, 6]) {
    assert.throws(
      () => FileTree.of([{ ...file, size }]),
      (error: ImageDslError) => error.code === "E_TREE_INVALID" && error.message.includes("/etc/motd"),
    );
  }
});

test("a file in memory is 0644, root's and of epoch + 1, unless something else is said", () => {
  const { mode, uid, gid, mtime } = inlineFile(treePath("a"), Buffer.alloc(0));
  assert.equal([mode, uid, gid, mtime], [0o644, 0, 0, 1]);
  const other = inlineFile(treePath("a"), Buffer.alloc(0), { mode: 0o600, origin: "image" });
  assert.equal([other.mode, other.origin, other.uid], [0o600, "image", 0]);
});

test("the root directory is no entry of a tree, wherever it stands among those that are given", () => {
  const [root, a, b] = [
    directoryEntry(ROOT),
    inlineFile(treePath("a"), Buffer.alloc(0)),
    directoryEntry(treePath("b")),
  ];
  for (const entries of [[root, a, b], [a, root, b], [b, a, root], new Set([root, a, b])]) {
    assert.equal(FileTree.of(entries).entries(), [a, b]);
  }
  assert.is(FileTree.of([root]).size, 0);
});

test("without its first name, or the directory of that, a file lives on under its next one", () => {
  const first = inlineFile(treePath("a/one"), Buffer.from("x"));
  const link = (path: string) => ({ ...first, path: treePath(path), type: "hardlink", target: first.path }) as const;
  const tree = FileTree.of([first, link("a/two"), link("b"), link("c")]);
  const shapes = (...gone: string[]) =>
    withoutPaths(tree, gone.map(treePath))
      .entries()
      .map((entry) => `${entry.path} ${entry.type === "hardlink" ? entry.target : entry.type}`);
  assert.equal(shapes("a/one"), ["a directory", "a/two file", "b a/two", "c a/two"]);
  assert.equal(shapes("a"), ["b file", "c b"]);
  assert.equal(shapes("a/two", "c"), ["a directory", "a/one file", "b a/one"]);
});

test("the order in which entries come, and which directories are listed, decide nothing", () => {
  const names = fc.array(fc.constantFrom("a", "a-b", "b", "a.b", "\xff"), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(names, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (paths, chance) => {
      const files = new Set(paths.map((components) => [...components, "file"].join("/")));
      const listed = [...files].map((path) => inlineFile(treePathFromBytes(path), Buffer.alloc(0)));
      const whole = FileTree.of(listed);
      assert.equal(
        whole.entries().map(({ path }) => path),
        whole
          .entries()
          .map(({ path }) => path)
          .sort(comparePaths),
      );
      const shuffled = whole
        .entries()
        .filter(({ type }) => type === "file" || chance.next().value % 2 === 0)
        .map((entry) => [chance.next().value, entry] as const)
        .sort(([one], [other]) => one - other)
        .map(([, entry]) => entry);
      assert.equal(FileTree.of(shuffled).entries(), whole.entries());
      assert.equal(FileTree.of(whole.entries()).entries(), whole.entries());
    }),
  );
});

test("an entry is found by its path, by however few or many lookups", () => {
  const paths = Array.from({ length: 100 }, (_, i) => treePath(`d${i % 7}/e-${i}/f`));
  const tree = FileTree.of(paths.map((path) => inlineFile(path, Buffer.alloc(0))));
  // Far more lookups than entries: what is faster for few of them gives way to what is faster for many.
  for (let round = 0; round < 3; round++) {
    for (const path of paths) {
      assert.is(tree.get(path)?.path, path);
      assert.is(tree.get(parentOf(path))?.type, "directory");
      assert.is(tree.get(`${path}x` as TreePath), undefined);
    }
  }
});

test("where a path lies and how its name begins is the same, asked with or without its parts", () => {
  const path = fc
    .array(fc.constantFrom("a", "ab", "b", ".wh.a", ".wh"), { minLength: 1, maxLength: 4 })
    .map((components) => treePathFromBytes(components.join("/")));
  fc.assert(
    fc.property(path, fc.oneof(path, fc.constant(ROOT)), (one, other) => {
      for (const directory of [other, parentOf(one)]) assert.is(liesIn(one, directory), parentOf(one) === directory);
      for (const beginning of [".wh.", "a", baseNameOf(one)]) {
        assert.is(nameStartsWith(one, beginning), baseNameOf(one).startsWith(beginning));
      }
    }),
  );
});

test("what is wrong is refused, in whatever order it comes", () => {
  const file = (path: string) => inlineFile(treePath(path), Buffer.alloc(0));
  const wrong: [FileEntry[], RegExp][] = [
    [[file("a"), file("b"), file("a")], /\/a is listed twice/],
    [[file("a"), file("a/b")], /\/a is a file and cannot hold \/a\/b/],
    [[file("a/b"), file("a/b/c/d"), file("z")], /\/a\/b is a file and cannot hold/],
  ];
  for (const [entries, message] of wrong) {
    for (const order of [entries, entries.toReversed()]) {
      assert.throws(
        () => FileTree.of(order),
        (error: ImageDslError) => error.code === "E_TREE_INVALID" && message.test(error.message),
      );
    }
  }
});

test.run();
