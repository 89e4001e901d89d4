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

test("50,000 whiteouts over as many files are laid in under 20 s", () => {
  const names = Array.from({ length: 50_000 }, (_, n) => `f${n}`);
  const layers = [layer(...names, "kept"), layer(...names.map((name) => `.wh.${name}`))];
  const started = ticks();
  assert.equal(flat(...layers), ["kept file"]);
  assert.ok(ticks() - started < 20_000);
});

test.run();
