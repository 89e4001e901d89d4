import * as assert from "uvu/assert";
import { ticks } from "../../../core/host.ts";
import { flattenLayers } from "../../../core/image/flatten.ts";
import { hashedTar, recipeLayer } from "../../../core/image/layer.ts";
import { treePath } from "../../../core/model/path.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { suite } from "../../harness.ts";

const test = suite("image/flatten");

const { signal } = new AbortController();

function layer(...paths: string[]) {
  const tree = FileTree.of(paths.map((path) => inlineFile(treePath(path), Buffer.from(path))));
  const recipe = { entries: tree.entries() };
  return recipeLayer(recipe, "test", { read: () => hashedTar(recipe, signal) });
}

function flat(...layers: ReturnType<typeof layer>[]): string[] {
  return flattenLayers(layers)
    .entries()
    .map(({ path, type }) => `${path} ${type}`);
}

test("a whiteout takes what lies below it in lower layers, not what its own layer puts there", () => {
  assert.equal(flat(layer("a/b/c", "a/b/d", "a/bc"), layer("a/.wh.b", "a/b/e")), [
    "a directory",
    "a/b directory",
    "a/b/e file",
    "a/bc file",
  ]);
});

test("a file in a directory's place takes what lay below it", () => {
  assert.equal(flat(layer("a/b/c", "a/bc"), layer("a/b")), ["a directory", "a/b file", "a/bc file"]);
});

test("an opaque marker empties its directory of what lower layers put there", () => {
  assert.equal(flat(layer("a/b/c", "a/d", "e/f"), layer("a/.wh..wh..opq", "a/b/x"), layer("g")), [
    "a directory",
    "a/b directory",
    "a/b/x file",
    "e directory",
    "e/f file",
    "g file",
  ]);
  assert.equal(flat(layer("a/b", "c"), layer(".wh..wh..opq", "d")), ["d file"]);
});

test("names that begin like an opaque marker delete nothing", () => {
  assert.equal(flat(layer("a", ".wh.plnk"), layer(".wh..wh.plnk")), ["a file"]);
});

test("a directory that nobody listed keeps what lower layers say of it", () => {
  const listed = FileTree.of([{ type: "directory", path: treePath("a"), mode: 0o1777, uid: 7, gid: 7, mtime: 1 }]);
  const lower = recipeLayer({ entries: listed.entries() }, "test", {
    read: () => hashedTar({ entries: listed.entries() }, signal),
  });
  assert.is(flattenLayers([lower, layer("a/b")]).get(treePath("a"))?.mode, 0o1777);
});

test("50,000 whiteouts over as many files are laid in under 20 s", () => {
  const names = Array.from({ length: 50_000 }, (_, n) => `f${n}`);
  const layers = [layer(...names, "kept"), layer(...names.map((name) => `.wh.${name}`))];
  const started = ticks();
  assert.equal(flat(...layers), ["kept file"]);
  assert.ok(ticks() - started < 20_000);
});

test.run();
