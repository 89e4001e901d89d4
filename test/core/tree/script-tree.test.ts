import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import {
  FileTree,
  ImageDslError,
  applyChanges,
  captureTree,
  diffTrees,
  hostPath,
  materializeTree,
  runtime,
  treeDigest,
  treePathFromBytes,
  type Entry,
} from "../../../core/index.ts";
import { hostStatOf } from "../../../core/tree/content.ts";
import { entry, file } from "../run/script-fixture.ts";
import { suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("tree/script trees");

const placed = (): string => {
  const directory = join(tmp(), "root");
  mkdirSync(directory, { mode: 0o700 });
  return directory;
};
const layOut = (tree: FileTree, directory: string, more: { wants?: (path: string) => boolean } = {}) =>
  materializeTree(tree, hostPath(directory), { purpose: "script", faked: false, ...more });
const capture = (before: FileTree, laid: ReturnType<typeof layOut>) =>
  captureTree({ before, laid, faked: undefined, mtime: 1 }).tree;

/** Trees of a few names, so that names meet: files over directories, links to files, odd bytes where the runtime can. */
const NAMES = ["a", "b", "a-", "c d", "e\nf", ...(runtime() === "node" ? ["\xff"] : [])];
const trees = fc
  .array(
    fc.record({
      path: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      kind: fc.constantFrom("file", "directory", "symlink", "hardlink"),
      text: fc.constantFrom("", "x", "y", "longer text"),
      mode: fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0, 0o4711),
      uid: fc.constantFrom(0, 7),
    }),
    { maxLength: 12 },
  )
  .map((wanted) => {
    const entries = new Map<string, Entry>();
    for (const { path, kind, text, mode, uid } of wanted) {
      const below = path
        .split("/")
        .slice(0, -1)
        .map((_, index, parts) => parts.slice(0, index + 1).join("/"));
      const isTaken = [...entries.keys()].some((other) => other === path || other.startsWith(`${path}/`));
      if (isTaken || below.some((parent) => (entries.get(parent) ?? { type: "directory" }).type !== "directory"))
        continue;
      const target = [...entries.values()].find((each) => each.type === "file");
      if (kind === "file") entries.set(path, file(path, text, { mode, uid }));
      else if (kind === "directory") entries.set(path, entry(path, { type: "directory", mode: mode | 0o100, uid }));
      else if (kind === "symlink")
        entries.set(path, entry(path, { type: "symlink", mode: 0o777, target: text || "." }));
      else if (target)
        entries.set(path, entry(path, { type: "hardlink", target: target.path, mode: target.mode, uid: target.uid }));
    }
    return FileTree.of(entries.values());
  });

/** What a tree says, contents included, hard links as what they name. */
const meaning = (tree: FileTree): string[] =>
  tree.entries().map((each) => {
    const meta = `${each.mode.toString(8)} ${each.uid}:${each.gid}`;
    const real = each.type === "hardlink" ? tree.get(each.target)! : each;
    if (real.type === "file")
      return `${each.path} file ${meta} ${real.content.kind === "inline" ? Buffer.from(real.content.bytes).toString() : "?"}`;
    return `${each.path} ${each.type} ${meta} ${each.type === "symlink" ? each.target : ""}`;
  });

test("a tree that was laid out and read back is the very same entries", () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const laid = layOut(tree, placed());
      assert.equal(capture(tree, laid).entries(), tree.entries());
      for (const [index, each] of capture(tree, laid).entries().entries()) assert.is(each, tree.entries()[index]);
    }),
    { numRuns: runs(60) },
  );
});

test("changes laid over the one tree give the other", () => {
  fc.assert(
    fc.property(trees, trees, (before, after) => {
      const changes = diffTrees(before, after);
      assert.equal(meaning(applyChanges(before, changes)), meaning(after));
      for (const path of changes.removed) assert.not.ok(after.has(path));
      assert.equal(diffTrees(after, after), { changed: [], removed: [] });
    }),
    { numRuns: runs(500) },
  );
});

test("only what differs is a change, and nothing is named below what is gone", () => {
  const before = FileTree.of([file("d/a", "1"), file("d/e/b", "2"), file("gone/x/y", "3"), file("same", "4")]);
  const after = FileTree.of([
    file("d/a", "1", { uid: 3 }),
    entry("d/e", { type: "symlink", mode: 0o777, target: "/" }),
    file("same", "4", { mtime: 99 }),
  ]);
  const { changed, removed } = diffTrees(before, after);
  assert.equal(
    changed.map(({ path }) => path),
    ["d/a", "d/e"],
  );
  assert.equal(removed, ["gone"]);
});

test("all names of a file go together when one of them is new", () => {
  const before = FileTree.of([file("a", "1"), entry("b", { type: "hardlink", target: "a" })]);
  const after = FileTree.of([...before.entries(), entry("c", { type: "hardlink", target: "a" })]);
  assert.equal(
    diffTrees(before, after).changed.map(({ path }) => path),
    ["a", "b", "c"],
  );
});

test("laying out follows no link and writes over nothing", () => {
  const outside = tmp();
  const directory = placed();
  symlinkSync(outside, join(directory, "etc"));
  assert.throws(
    () => layOut(FileTree.of([file("etc/passwd", "evil")]), directory),
    (error: unknown) => error instanceof ImageDslError && error.code === "E_STORE",
  );
  assert.equal(readdirSync(outside), []);
  writeFileSync(join(directory, "victim"), "safe");
  assert.throws(() => layOut(FileTree.of([file("victim", "evil")]), directory));
  assert.is(readFileSync(join(directory, "victim"), "utf8"), "safe");
  symlinkSync(join(outside, "made"), join(directory, "link"));
  assert.throws(() => layOut(FileTree.of([file("link", "evil")]), directory));
  assert.equal(readdirSync(outside), []);
});

test("a tree whose entries pass through a link is refused before anything is written", () => {
  const directory = placed();
  const hostile = {
    entries: () => [entry("a", { type: "symlink", target: "/tmp" }), file("a/b", "evil")],
  } as unknown as FileTree;
  assert.throws(
    () => layOut(hostile, directory),
    (error: unknown) => error instanceof ImageDslError && error.code === "E_TREE_INVALID",
  );
  assert.equal(readdirSync(directory), []);
});

test("modes on disk let the owner work and are the same under any umask", () => {
  const before = process.umask(0o077);
  try {
    const directory = placed();
    layOut(
      FileTree.of([
        entry("d", { type: "directory", mode: 0o555 }),
        file("d/f", "x", { mode: 0o004 }),
        file("x", "x", { mode: 0o755 }),
      ]),
      directory,
    );
    assert.is(statSync(join(directory, "d")).mode & 0o7777, 0o755);
    assert.is(statSync(join(directory, "d/f")).mode & 0o7777, 0o604);
    assert.is(statSync(join(directory, "x")).mode & 0o7777, 0o755);
    assert.is(lstatSync(join(directory, "d")).mtimeMs, 1000);
    const faked = placed();
    materializeTree(
      FileTree.of([file("su", "x", { mode: 0o4755 }), entry("n", { type: "block", major: 1, minor: 2 })]),
      hostPath(faked),
      { purpose: "script", faked: true },
    );
    assert.is(statSync(join(faked, "su")).mode & 0o7777, 0o755);
    assert.ok(statSync(join(faked, "n")).isFile());
  } finally {
    process.umask(before);
  }
});

test("what cannot be laid out is told in the words of what it is for", () => {
  const tree = FileTree.of([file("n".repeat(255).concat("/").repeat(16).slice(0, -2), "x")]);
  const failure = (purpose: "script" | "output"): ImageDslError => {
    try {
      materializeTree(tree, hostPath(placed()), { purpose, faked: false });
    } catch (error) {
      return error as ImageDslError;
    }
    throw new Error("the name was taken");
  };
  assert.is(failure("script").code, "E_STORE");
  assert.match(failure("script").message, "for a script");
  assert.is(failure("output").code, "E_OUTPUT");
  assert.not.match(`${failure("output").message} ${failure("output").hint}`, /script|IMAGE_DSL_CACHE/);
});

test("content is a copy: writing into it leaves the source alone", () => {
  const source = join(tmp(), "source");
  writeFileSync(source, "original");
  const handle = { kind: "host", file: hostPath(source), stat: hostStatOf(lstatSync(source)) };
  const tree = FileTree.of([{ ...file("f", "original"), content: handle } as unknown as Entry]);
  const directory = placed();
  const laid = layOut(tree, directory);
  writeFileSync(join(directory, "f"), "changed!");
  assert.is(readFileSync(source, "utf8"), "original");
  assert.is.not(capture(tree, laid).get(treePathFromBytes("f")), tree.get(treePathFromBytes("f")));
});

test("a write that sets the old time back is still seen", () => {
  const tree = FileTree.of([file("f", "abc")]);
  const directory = placed();
  const laid = layOut(tree, directory);
  writeFileSync(join(directory, "f"), "xyz");
  utimesSync(join(directory, "f"), 1, 1);
  assert.is(diffTrees(tree, capture(tree, laid)).changed.length, 1);
});

test("attributes stay with a file; capabilities go when its bytes change", () => {
  const xattrs = { "security.capability": "\x01", "user.note": "n" };
  const tree = FileTree.of([
    file("kept", "1", { xattrs }),
    file("changed", "1", { xattrs }),
    file("moded", "1", { xattrs }),
  ]);
  const directory = placed();
  const laid = layOut(tree, directory);
  writeFileSync(join(directory, "changed"), "2");
  chmodSync(join(directory, "moded"), 0o700);
  const after = capture(tree, laid);
  assert.equal(after.get(treePathFromBytes("kept"))!.xattrs, xattrs);
  assert.equal(after.get(treePathFromBytes("moded"))!.xattrs, xattrs);
  assert.equal(after.get(treePathFromBytes("changed"))!.xattrs, { "user.note": "n" });
});

test("a tree's digest changes with all that a script could see, and not with origins", () => {
  const tree = FileTree.of([
    file("a", "1"),
    entry("l", { type: "symlink", target: "a" }),
    entry("n", { type: "character", major: 1, minor: 3 }),
  ]);
  const digests = [
    tree,
    ...[{ mode: 0o600 }, { uid: 1 }, { gid: 1 }, { mtime: 2 }, { xattrs: { a: "b" } }].map((more) =>
      FileTree.of([...tree.entries().slice(1), file("a", "1", more)]),
    ),
    FileTree.of([...tree.entries().slice(1), file("a", "2")]),
    FileTree.of([tree.entries()[0]!, entry("l", { type: "symlink", target: "b" }), tree.entries()[2]!]),
    FileTree.of([...tree.entries().slice(0, 2), entry("n", { type: "character", major: 1, minor: 4 })]),
    FileTree.of(tree.entries().slice(0, 2)),
  ].map(treeDigest);
  assert.is(new Set(digests).size, digests.length);
  assert.is(treeDigest(FileTree.of(tree.entries().map((each) => ({ ...each, origin: "x" })))), treeDigest(tree));
});

test("a tree's digest changes with each number by which a file of the host is known", () => {
  const stat = { size: 1, mtimeMs: 1700000000000.25, ctimeMs: 1700000000000.5, ino: 2 ** 40, dev: 3 };
  const treeOf = (more: Partial<typeof stat>) => {
    const content = { kind: "host", file: "/src/a", stat: { ...stat, ...more } } as const;
    return FileTree.of([entry("a", { type: "file", size: content.stat.size, content })]);
  };
  const others = [
    { size: 2 },
    { mtimeMs: stat.mtimeMs + 0.001 },
    { ctimeMs: stat.ctimeMs + 0.001 },
    { ino: 2 },
    { dev: 4 },
  ];
  const digests = [{}, ...others].map((more) => treeDigest(treeOf(more)));
  assert.is(new Set(digests).size, digests.length);
  assert.is(treeDigest(treeOf({})), digests[0]);
});

test.run();
