/** What a base brings is there and in no layer of ours; what an image keeps of its base's config. */
import * as assert from "uvu/assert";
import fc from "fast-check";
import { assembleImage } from "../../../core/image/assemble.ts";
import { BASE, inheritConfig } from "../../../core/image/base-image.ts";
import { cutLayers } from "../../../core/image/cut.ts";
import { flattenLayers } from "../../../core/image/flatten.ts";
import type { Layer } from "../../../core/image/image.ts";
import { hashedTar, recipeLayer } from "../../../core/image/layer.ts";
import { validateImage } from "../../../core/image/validate.ts";
import type { Entry } from "../../../core/model/entry.ts";
import { displayPath, isUnder, treePath } from "../../../core/model/path.ts";
import { randomTree } from "../../../core/testing/random.ts";
import { diffTrees } from "../../../core/tree/diff.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { mergeTrees } from "../../../core/tree/merge.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("image/base-image");

const untouched = (tree: FileTree) => ({ tree, changes: { changed: [], removed: [] } });
const { signal } = new AbortController();

function layerOf(entries: readonly Entry[]) {
  return recipeLayer({ entries }, "test", { read: () => hashedTar({ entries }, signal) });
}

const file = (path: string, text = path, more: Partial<Entry> = {}): Entry =>
  ({ ...inlineFile(treePath(path), Buffer.from(text)), ...more }) as Entry;
const link = (path: string, target: string): Entry => ({
  type: "symlink",
  path: treePath(path),
  target,
  mode: 0o777,
  uid: 0,
  gid: 0,
  mtime: 1,
});

function layersBelow(base: FileTree) {
  return cutLayers({ tree: base, scripts: untouched(base), plan: { strategy: "test", groups: [] } }).map(
    ({ entries }) => layerOf(entries),
  );
}

function validate(layers: readonly Layer[], tree: FileTree): void {
  const platform = { os: "linux", architecture: "amd64" };
  validateImage(assembleImage({ name: "t", tag: null, platform, config: {}, created: 1, layers, history: [], tree }));
}

test("an image that lacks very many files is refused for that", () => {
  const files = Array.from({ length: 200_000 }, (_, index) => inlineFile(treePath(`f${index}`), Buffer.alloc(0), {}));
  assert.throws(() => validate([], FileTree.of(files)), /breaks rules:[^]* is in the tree but in no layer/);
});

/** The layer over a base of one layer, and the whole image, which is validated. */
function over(base: FileTree, own: FileTree, collisions: "error" | "first" | "last" = "last") {
  const below = layersBelow(base);
  const tree = mergeTrees(
    [
      { origin: BASE, tree: flattenLayers(below), isBase: true },
      { origin: "own", tree: own },
    ],
    { collisions },
  );
  const plan = { strategy: "test", groups: [{ nodes: ["own"], reason: "test", size: 0 }] };
  const cut = cutLayers({ tree, scripts: untouched(tree), plan, base: flattenLayers(below) });
  const layers = [...below, ...cut.map(({ entries }) => layerOf(entries))];
  validate(layers, tree);
  return cut.flatMap(({ entries }) => entries);
}

const paths = (entries: readonly Entry[]) => entries.map(({ path, type }) => `${displayPath(path)} ${type}`);

test("what the base has already, times apart, does not come again", () => {
  const base = FileTree.of([file("etc/same", "x", { mtime: 99 }), file("etc/other", "x")]);
  const own = FileTree.of([file("etc/same", "x"), file("etc/other", "y"), file("etc/new", "z")]);
  assert.equal(paths(over(base, own)), ["/etc directory", "/etc/new file", "/etc/other file"]);
  assert.equal(over(base, base), []);
});

test("a link of the base to a directory stays one: what is put below it goes where it leads", () => {
  const base = FileTree.of([file("usr/bin/sh"), link("bin", "usr/bin")]);
  assert.equal(paths(over(base, FileTree.of([file("bin/tool")]))), [
    "/usr directory",
    "/usr/bin directory",
    "/usr/bin/tool file",
  ]);
});

test("a directory that is only a parent keeps the base's mode; one that is listed brings its own", () => {
  const directory = (mode: number): Entry => ({
    type: "directory",
    path: treePath("d"),
    mode,
    uid: 0,
    gid: 0,
    mtime: 1,
  });
  const base = FileTree.of([directory(0o1777)]);
  assert.equal(
    over(base, FileTree.of([file("d/x")])).map(({ mode }) => mode),
    [0o1777, 0o644],
  );
  assert.equal(
    over(base, FileTree.of([directory(0o700)])).map(({ mode }) => mode),
    [0o700],
  );
});

test("files, directories and links of the base give way to another kind", () => {
  const base = FileTree.of([file("a/b/c"), file("d"), link("e", "nowhere")]);
  assert.equal(paths(over(base, FileTree.of([file("a/b"), file("d/x"), file("e/x")]))).sort(), [
    "/a directory",
    "/a/b file",
    "/d directory",
    "/d/x file",
    "/nowhere directory",
    "/nowhere/x file",
  ]);
});

test("a link in the place of a directory of the base leads where it says, and what lay there is hidden", () => {
  const base = FileTree.of([file("bin/old"), file("usr/bin/sh")]);
  assert.equal(paths(over(base, FileTree.of([link("bin", "usr/bin"), file("bin2/x")]))), [
    "/bin symlink",
    "/bin2 directory",
    "/bin2/x file",
  ]);
});

test("what would hide a directory of the base is a collision, and the policy decides", () => {
  const base = FileTree.of([file("bin/old")]);
  const own = FileTree.of([link("bin", "usr/bin"), file("usr/bin/new")]);
  assert.throws(
    () => over(base, own, "error"),
    (error: Error) => /\/bin: base \(directory.*own \(symlink/s.test(error.message),
  );
  assert.equal(paths(over(base, own, "first")), ["/usr directory", "/usr/bin directory", "/usr/bin/new file"]);
  const empty = FileTree.of([{ type: "directory", path: treePath("bin"), mode: 0o755, uid: 0, gid: 0, mtime: 1 }]);
  assert.is(over(empty, own, "error").length, 4);
});

test("random trees over random bases: the layers overlay to the tree, and a second time nothing is new", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0 }), (one, other) => {
      const [base, own] = [randomTree(one, 15), randomTree(other, 15)];
      over(base, own);
      assert.equal(over(own, own), []);
    }),
    { numRuns: runs(150) },
  );
});

test("one layer over a base holds what differs, deletions included", () => {
  const base = FileTree.of([file("a"), file("b"), file("c/d")]);
  const final = FileTree.of([file("b", "new"), file("e")]);
  const below = base.withOrigin(BASE);
  const [layer] = cutLayers({
    tree: below,
    scripts: { tree: final, changes: diffTrees(below, final) },
    plan: { strategy: "single", joinsTop: true, groups: [] },
    base: below,
  });
  assert.equal(paths(layer!.entries), ["/.wh.a file", "/.wh.c file", "/b file", "/e file"]);
});

test("what the base has and the finished tree has not is deleted by the top layer, whoever took it away", () => {
  const base = FileTree.of([file("d/x"), file("d/y"), file("e/f/g"), file("k/own")]).withOrigin(BASE);
  const tree = FileTree.of([file("d/y", "d/y", { origin: BASE }), file("k/new", "n", { origin: "own" })]);
  const scripts = { tree: FileTree.of([file("k/new", "n", { origin: "own" })]), changes: { changed: [], removed: [] } };
  const plan = { strategy: "test", groups: [{ nodes: ["own"], reason: "test", size: 0 }] };
  const cut = cutLayers({ tree, scripts: { ...scripts, changes: diffTrees(tree, scripts.tree) }, plan, base });
  assert.equal(
    cut.map(({ entries }) => paths(entries)),
    [
      ["/k directory", "/k/new file"],
      ["/.wh.d file", "/.wh.e file", "/k directory", "/k/.wh.own file"],
    ],
  );
});

interface Edit {
  readonly path: string;
  readonly kind: "gone" | "file" | "directory" | "symlink" | "hardlink";
  readonly origin: string;
}

/** The tree with a path taken away, or something put there, whatever was there, above or below. */
function edited(tree: FileTree, { path, kind, origin }: Edit): FileTree {
  const at = treePath(path);
  const kept = tree.entries().filter((entry) => {
    if (isUnder(entry.path, at)) return kind === "directory" && entry.path !== at;
    return entry.type === "directory" || !isUnder(at, entry.path);
  });
  const target = kept.find(({ type }) => type === "file")?.path;
  const meta = { ...file(path, `${path} of ${origin}`), origin };
  const directory = tree.get(at)?.type === "directory" ? tree.get(at)! : { ...meta, type: "directory", mode: 0o755 };
  const added = {
    gone: [],
    file: [meta],
    directory: [directory],
    symlink: [{ ...meta, type: "symlink", target: "a" }],
    hardlink: [target === undefined ? meta : { ...meta, type: "hardlink", target }],
  }[kind] as Entry[];
  const files = new Set([...kept, ...added].filter(({ type }) => type === "file").map((entry) => entry.path));
  const whole = [...kept, ...added].map((entry) =>
    entry.type === "hardlink" && !files.has(entry.target)
      ? { ...file(entry.path), ...(entry.origin && { origin: entry.origin }) }
      : entry,
  );
  return FileTree.of(whole);
}

test("whatever plugins and scripts take away or put anywhere, the layers overlay to the finished tree", () => {
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const kind = fc.constantFrom<Edit["kind"]>("gone", "gone", "file", "directory", "symlink", "hardlink");
  const edits = (...origins: string[]) =>
    fc.array(fc.record({ path, kind, origin: fc.constantFrom(...origins) }), { maxLength: 8 });
  fc.assert(
    fc.property(edits(BASE), edits("own", "image"), edits("image"), (ofBase, ofMerge, ofScripts) => {
      const below = layersBelow(ofBase.reduce(edited, FileTree.empty).withOrigin("own"));
      const base = flattenLayers(below).withOrigin(BASE);
      const tree = ofMerge.reduce(edited, base);
      const finished = ofScripts.reduce(edited, tree);
      const cut = cutLayers({
        tree,
        scripts: { tree: finished, changes: diffTrees(tree, finished) },
        plan: { strategy: "test", groups: [{ nodes: ["own"], reason: "test", size: 0 }] },
        base,
      });
      validate([...below, ...cut.map(({ entries }) => layerOf(entries))], finished);
    }),
    { numRuns: runs(500) },
  );
});

test("env keeps the base's environment, a name's last value in the first one's place", () => {
  const base = { Env: ["A=1", "B=2", "C=a=b"], Cmd: ["/x"], User: "7", Labels: { a: "1" } };
  assert.equal(inheritConfig(base, { Env: ["D=4", "A=9"] }, "env"), { Env: ["A=9", "B=2", "C=a=b", "D=4"] });
  assert.equal(inheritConfig({}, { Env: ["A=1"] }, "env"), { Env: ["A=1"] });
});

test("all keeps what a Dockerfile keeps: sets are joined, a new entry point drops the old command, triggers stay behind", () => {
  const base = {
    Cmd: ["/x"],
    User: "7",
    Labels: { a: "1", b: "1" },
    ExposedPorts: { "1/tcp": {} },
    OnBuild: ["RUN x"],
  };
  assert.equal(inheritConfig(base, { Labels: { b: "2" }, ExposedPorts: { "2/tcp": {} } }, "all"), {
    Cmd: ["/x"],
    User: "7",
    Labels: { a: "1", b: "2" },
    ExposedPorts: { "1/tcp": {}, "2/tcp": {} },
  });
  assert.is(inheritConfig(base, { Entrypoint: ["/e"] }, "all").Cmd, undefined);
  assert.equal(inheritConfig(base, { Entrypoint: ["/e"] }, ["Cmd"]), { Entrypoint: ["/e"], Cmd: ["/x"] });
  assert.equal(inheritConfig(base, {}, ["User"]), { User: "7" });
});

test.run();
