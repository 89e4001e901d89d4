import * as assert from "uvu/assert";
import fc from "fast-check";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import type { ImageDslError } from "../../../core/error.ts";
import { cutLayers } from "../../../core/image/cut.ts";
import { flattenLayers } from "../../../core/image/flatten.ts";
import { assembleImage, historyOf } from "../../../core/image/assemble.ts";
import { hashedTar, recipeLayer } from "../../../core/image/layer.ts";
import { validateImage } from "../../../core/image/validate.ts";
import type { Entry } from "../../../core/model/entry.ts";
import { displayPath, treePath } from "../../../core/model/path.ts";
import type { LayerPlan } from "../../../core/model/plan.ts";
import { readWhole } from "../../../core/tree/content.ts";
import { applyChanges, type TreeChanges } from "../../../core/tree/diff.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";

const test = suite("image/cut");

const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };
const nothing: TreeChanges = { changed: [], removed: [] };
const { signal } = new AbortController();

function file(path: string, origin: string, body = path): Entry {
  const bytes = Buffer.from(body);
  return {
    ...meta,
    origin,
    type: "file",
    path: treePath(path),
    size: bytes.length,
    content: { kind: "inline", bytes },
  };
}

function hard(path: string, target: string, origin: string): Entry {
  return { ...meta, origin, type: "hardlink", path: treePath(path), target: treePath(target) };
}

function planOf(...groups: string[][]): LayerPlan {
  return { strategy: "test", groups: groups.map((nodes) => ({ nodes, reason: "test", size: 0 })) };
}

function layerOf(entries: readonly Entry[]) {
  return recipeLayer({ entries }, "test", { read: () => hashedTar({ entries }, signal) });
}

function cut(tree: FileTree, plan: LayerPlan, changes = nothing) {
  return cutLayers({ tree, plan, scripts: { tree: applyChanges(tree, changes), changes } });
}

function layersOf(tree: FileTree, plan: LayerPlan, changes = nothing) {
  return cut(tree, plan, changes).map(({ entries }) => layerOf(entries));
}

function image(layers: ReturnType<typeof layersOf>, tree: FileTree) {
  return assembleImage({
    name: "t",
    tag: null,
    platform: { os: "linux", architecture: "amd64" },
    config: {},
    created: 1,
    layers,
    history: layers.map(() => historyOf(1, "test")),
    tree,
  });
}

function shapes(tree: FileTree, plan: LayerPlan, changes = nothing): string[][] {
  return cut(tree, plan, changes).map(({ entries }) =>
    entries.map((entry) => `${displayPath(entry.path)} ${entry.type}`),
  );
}

test("each group gets its nodes' entries and their parents; the rest tops them", () => {
  const tree = FileTree.of([file("usr/a", "A"), file("usr/b", "B"), file("etc/passwd", "image")]);
  assert.equal(shapes(tree, planOf(["A"], ["B"])), [
    ["/usr directory", "/usr/a file"],
    ["/usr directory", "/usr/b file"],
    ["/etc directory", "/etc/passwd file"],
  ]);
});

test("hard links stay within a layer, behind their file, and become copies across layers", () => {
  const tree = FileTree.of([file("z", "A"), hard("a", "z", "A"), hard("m", "z", "B")]);
  assert.equal(shapes(tree, planOf(["A"], ["B"])), [["/a file", "/z hardlink"], ["/m file"]]);
});

test("deletions and changes are in the top layer only", () => {
  const tree = FileTree.of([file("usr/a", "A"), file("usr/b", "A")]);
  const changed = { ...file("usr/b", "image", "new"), mode: 0o600 };
  assert.equal(shapes(tree, planOf(["A"]), { changed: [changed], removed: [treePath("usr/a")] }), [
    ["/usr directory", "/usr/a file", "/usr/b file"],
    ["/usr directory", "/usr/.wh.a file", "/usr/b file"],
  ]);
});

test("what a script removes before any layer holds it is just not there", () => {
  const tree = FileTree.of([file("usr/a", "A"), file("etc/x", "image"), file("etc/d/y", "image")]);
  const changed = [file("etc/d", "image")];
  assert.equal(shapes(tree, planOf(["A"]), { changed, removed: [treePath("etc/x")] }), [
    ["/usr directory", "/usr/a file"],
    ["/etc directory", "/etc/d file"],
  ]);
});

test("a file whose name would delete another is refused", () => {
  assert.throws(
    () => cut(FileTree.of([file("usr/.wh.a", "A")]), planOf(["A"]), nothing),
    (error: ImageDslError) => error.code === "E_TREE_INVALID",
  );
  const changed = [file("usr/.wh.b", "image")];
  assert.throws(
    () => cut(FileTree.of([file("usr/a", "A")]), planOf(["A"]), { changed, removed: [] }),
    (error: ImageDslError) => error.code === "E_TREE_INVALID" && /usr\/\.wh\.b/.test(error.message),
  );
});

test("whatever the cut: the layers overlaid are the tree, byte for byte", () => {
  const paths = fc.uniqueArray(
    fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}.f`),
    { minLength: 1, maxLength: 12 },
  );
  const cases = fc.record({
    paths,
    owners: fc.infiniteStream(fc.nat(3)),
    links: fc.infiniteStream(fc.boolean()),
    groups: fc.shuffledSubarray(["n0", "n1", "n2", "n3"]),
  });
  fc.assert(
    fc.property(cases, ({ paths: names, owners, links, groups }) => {
      const origin = () => `n${owners.next().value}`;
      const entries: Entry[] = [];
      for (const name of names) {
        const target = entries.find((entry) => entry.type === "file");
        entries.push(target && links.next().value ? hard(name, target.path, origin()) : file(name, origin()));
      }
      const tree = FileTree.of(entries);
      const layers = layersOf(tree, planOf(...groups.map((group) => [group])));
      validateImage(image(layers, tree));
      const flat = flattenLayers(layers);
      const bytesOf = (from: FileTree, entry: Entry): string => {
        const real = entry.type === "hardlink" ? from.get(entry.target) : entry;
        return real?.type === "file" ? Buffer.from(readWhole(real)).toString() : (real?.type ?? "none");
      };
      for (const entry of tree.entries())
        assert.is(bytesOf(flat, flat.get(entry.path)!), bytesOf(tree, entry), entry.path);
      assert.is(flat.size, tree.size);
    }),
    { numRuns: runs(300) },
  );
});

test("validate names what is broken", () => {
  const tree = FileTree.of([file("usr/a", "A"), file("usr/b", "A")]);
  const layers = layersOf(tree, planOf(["A"]));
  const without = [layerOf(layers[0]!.entries.slice(0, 2))];
  const unordered = [layerOf(layers[0]!.entries.toReversed())];
  const problem = (work: () => void): string => {
    try {
      work();
      return "none";
    } catch (error) {
      assert.is((error as ImageDslError).code, "E_IMAGE_INVALID");
      return (error as ImageDslError).message;
    }
  };
  assert.is(
    problem(() => validateImage(image(layers, tree))),
    "none",
  );
  assert.match(
    problem(() => validateImage(image(without, tree))),
    "/usr/b is in the tree but in no layer",
  );
  assert.match(
    problem(() => validateImage(image(unordered, tree))),
    "out of order",
  );
  // The order of a layer that holds just the tree is the tree's; what is in it is looked at all the same.
  const links = FileTree.of([hard("a", "b", "A"), file("b", "A")]);
  assert.match(
    problem(() => validateImage(image([layerOf(links.entries())], links))),
    "/a is a hard link to /b, which does not stand before it",
  );
  const odd = FileTree.of([{ ...file("a", "A"), mode: 0o10644 }]);
  assert.match(
    problem(() => validateImage(image([layerOf(odd.entries())], odd))),
    "/a has the mode 10644",
  );
  const many = Array.from({ length: 128 }, () => layers[0]!);
  assert.match(
    problem(() => validateImage(image(many, tree))),
    "127",
  );
});

test("a diffID is the digest of the bytes, known without a second pass once they were read", async () => {
  const tree = FileTree.of([file("usr/a", "A")]);
  const [layer] = layersOf(tree, planOf(["A"]));
  let size = 0;
  for await (const chunk of layer!.open()) size += chunk.length;
  assert.is(size, layer!.size);
  assert.match(await layer!.diffID(), /^sha256:[0-9a-f]{64}$/);
});

test.run();
