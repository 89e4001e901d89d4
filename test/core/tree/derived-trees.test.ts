/** Trees made of trees, and what merging makes of them: an entry that several images have is one object. */
import * as assert from "uvu/assert";
import { derivedTrees } from "../../../core/tree/derived-trees.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { mergeTrees } from "../../../core/tree/merge.ts";
import { treePath } from "../../../core/model/path.ts";
import { suite } from "../../harness.ts";

const test = suite("tree/derived-trees");

const file = (path: string) => inlineFile(treePath(path), Buffer.from(path));

test("the same is made of a tree once, and for another key or tree anew", () => {
  const placed = derivedTrees();
  const [a, b] = [FileTree.of([file("/a")]), FileTree.of([file("/a")])];
  const at = (tree: FileTree, folder: string) => placed(tree, folder, () => FileTree.of([file(`/${folder}/a`)]));
  assert.is(at(a, "x"), at(a, "x"));
  assert.is.not(at(a, "x"), at(a, "y"));
  assert.is.not(at(a, "x"), at(b, "x"));
});

test("entries of a tree with its origin are those of each merged tree", () => {
  const tree = FileTree.of([file("/a")]);
  const [one, other] = ["b", "c"].map((name) =>
    mergeTrees(
      [
        { origin: "a", tree: tree.withOrigin("a") },
        { origin: name, tree: FileTree.of([file(`/${name}`)]) },
      ],
      { collisions: "error" },
    ).get(treePath("/a")),
  );
  assert.is(one, other);
  assert.is(one?.origin, "a");
  assert.is(tree.withOrigin("d").get(treePath("/a"))?.origin, "d");
});

test.run();
