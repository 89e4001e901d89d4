import * as assert from "uvu/assert";
import fc from "fast-check";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import type { ImageDslError } from "../../../core/error.ts";
import type { Entry } from "../../../core/model/entry.ts";
import { displayPath, treePath, type TreePath } from "../../../core/model/path.ts";
import { readWhole } from "../../../core/tree/content.ts";
import { FileTree, directoryEntry } from "../../../core/tree/file-tree.ts";
import { mergeTrees, type MergePart } from "../../../core/tree/merge.ts";

const test = suite("tree/merge");

const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };

function file(path: string, body = path, more: Partial<Entry> = {}): Entry {
  const bytes = Buffer.from(body);
  return {
    ...meta,
    ...more,
    type: "file",
    path: treePath(path),
    size: bytes.length,
    content: { kind: "inline", bytes },
  } as Entry;
}

function link(path: string, target: string): Entry {
  return { ...meta, mode: 0o777, type: "symlink", path: treePath(path), target };
}

function hard(path: string, target: string): Entry {
  return { ...meta, type: "hardlink", path: treePath(path), target: treePath(target) };
}

function part(origin: string, entries: Entry[], overrides: string[] = []): MergePart {
  return { origin, tree: FileTree.of(entries), overrides };
}

function merge(parts: MergePart[], collisions: "error" | "first" | "last" = "error"): FileTree {
  return mergeTrees(parts, { collisions });
}

function shape(tree: FileTree): string[] {
  return tree.entries().map((entry) => `${displayPath(entry.path)} ${entry.type} ${entry.origin}`);
}

function body(tree: FileTree, path: string): string {
  const entry = tree.get(treePath(path));
  if (entry?.type !== "file") throw new Error(`${path} is no file`);
  return Buffer.from(readWhole(entry)).toString();
}

function collision(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.is((error as ImageDslError).code, "E_TREE_COLLISION");
    return (error as ImageDslError).message;
  }
  throw new Error("no collision");
}

test("what a package ships below a linked directory lands where the link leads, in either order", () => {
  const skeleton = part("skeleton", [link("bin", "usr/bin"), directoryEntry(treePath("usr/bin"))]);
  const bash = part("bash", [file("bin/bash"), hard("bin/rbash", "bin/bash")]);
  const expected = [
    "/bin symlink skeleton",
    "/usr directory skeleton",
    "/usr/bin directory skeleton",
    "/usr/bin/bash file bash",
    "/usr/bin/rbash hardlink bash",
  ];
  assert.equal(shape(merge([skeleton, bash])), expected);
  assert.equal(shape(merge([bash, skeleton])), expected);
});

test("links below links of other parts are followed too", () => {
  const tree = merge([
    part("a", [link("lib", "usr/lib")]),
    part("b", [link("lib/x", "/opt/x")]),
    part("c", [file("lib/x/deep/y")]),
  ]);
  assert.is(body(tree, "opt/x/deep/y"), "lib/x/deep/y");
  assert.is(tree.get(treePath("usr/lib/x"))?.type, "symlink");
});

test("a collision names both parts and the path, all collisions at once", () => {
  const message = collision(() =>
    merge([part("one", [file("etc/a", "1"), file("b", "1")]), part("two", [file("etc/a", "2"), file("b", "2")])]),
  );
  for (const word of ["/etc/a", "/b", "one", "two"]) assert.match(message, word);
});

test("the same bytes are no collision; another mode or owner is", () => {
  assert.is(merge([part("one", [file("a", "x")]), part("two", [file("a", "x")])]).get(treePath("a"))?.origin, "one");
  collision(() => merge([part("one", [file("a", "x")]), part("two", [file("a", "x", { mode: 0o600 })])]));
  collision(() => merge([part("one", [file("a", "x")]), part("two", [file("a", "x", { uid: 7 })])]));
});

test("policies settle files, never a file against a directory", () => {
  const one = part("one", [file("a", "1")]);
  const two = part("two", [file("a", "2")]);
  assert.is(body(merge([one, two], "first"), "a"), "1");
  assert.is(body(merge([one, two], "last"), "a"), "2");
  collision(() => merge([one, part("two", [file("a/b")])], "last"));
});

test("a part that overrides another wins in either order", () => {
  const old = part("old", [file("a", "old")]);
  const replacing = part("new", [file("a", "new")], ["old"]);
  assert.is(body(merge([old, replacing]), "a"), "new");
  assert.is(body(merge([replacing, old]), "a"), "new");
});

test("a hard link keeps its content where another part's file takes its target's place", () => {
  const linked = part("linked", [file("a", "mine"), hard("b", "a"), hard("c", "a")]);
  const tree = merge([linked, part("other", [file("a", "theirs")], ["linked"])]);
  assert.is(body(tree, "a"), "theirs");
  assert.is(body(tree, "b"), "mine");
  const third = tree.get(treePath("c"));
  assert.is(third?.type === "hardlink" && third.target, "b");
});

test("a directory that somebody listed keeps its mode against one that nobody did", () => {
  const tmp: Entry = { ...directoryEntry(treePath("tmp")), mode: 0o1777 };
  const implicit = part("app", [file("tmp/app/x")]);
  for (const parts of [
    [implicit, part("base", [tmp])],
    [part("base", [tmp]), implicit],
  ]) {
    assert.is(merge(parts).get(treePath("tmp"))?.mode, 0o1777);
  }
});

test("a directory that somebody states over another part's link is the one where the link leads", () => {
  const lock: Entry = { ...directoryEntry(treePath("var/lock")), mode: 0o1777 };
  const linked = part("linked", [link("var/lock", "/run/lock")]);
  const stated = part("stated", [lock]);
  const below = part("below", [file("var/lock/x")]);
  const own = part("own", [{ ...directoryEntry(treePath("run/lock")), mode: 0o700 }]);
  const modeIn = (...parts: MergePart[]) => merge(parts).get(treePath("run/lock"))?.mode;
  for (const ordered of [(parts: MergePart[]) => parts, (parts: MergePart[]) => parts.toReversed()]) {
    assert.is(modeIn(...ordered([linked, stated])), 0o1777);
    assert.is(modeIn(...ordered([linked, stated, below])), 0o1777);
    assert.is(modeIn(...ordered([linked, stated, part("run", [file("run/lock/y")])])), 0o1777);
    assert.is(modeIn(...ordered([linked, stated, own])), 0o700);
    assert.is(merge(ordered([linked, stated])).get(treePath("var/lock"))?.type, "symlink");
  }
});

test("a link loop is an error, not a hang", () => {
  assert.throws(
    () => merge([part("a", [link("x", "y"), link("y", "x")]), part("b", [file("x/z")])]),
    (error: ImageDslError) => error.code === "E_TREE_LINK_LOOP",
  );
});

test("whatever is merged: nothing is lost, parents exist, and the order of disjoint parts does not matter", () => {
  const names = fc.constantFrom("a", "b", "c", "d");
  const path = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const parts = fc.array(fc.uniqueArray(path, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, (groups) => {
      // Files end in the part's own name, so that parts share directories but no file.
      const made = groups.map((paths, index) =>
        part(
          `p${index}`,
          paths.map((each) => file(`${each}/file-${index}`)),
        ),
      );
      const tree = merge(made);
      for (const { tree: own } of made) for (const entry of own.entries()) assert.ok(tree.get(entry.path), entry.path);
      const paths = new Set<TreePath>(tree.entries().map((entry) => entry.path));
      for (const each of paths)
        assert.ok(!each.includes("/") || paths.has(each.slice(0, each.lastIndexOf("/")) as TreePath));
      const bodies = (one: FileTree) =>
        one
          .entries()
          .filter(({ type }) => type === "file")
          .map((entry) => `${entry.path} ${entry.origin}`);
      assert.equal(bodies(merge(made.toReversed())), bodies(tree));
    }),
    { numRuns: runs(200) },
  );
});

test.run();
