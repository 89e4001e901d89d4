/** Putting a tree below a directory. */
import type { Entry } from "../model/entry.ts";
import { ROOT, joinPath, type TreePath } from "../model/path.ts";
import { FileTree } from "./file-tree.ts";

/** The tree with `directory` as its root's place: every path and every hard link's target begins with it. */
export function treeBelow(tree: FileTree, directory: TreePath): FileTree {
  if (directory === ROOT) return tree;
  const moved = (entry: Entry): Entry => {
    const path = joinPath(directory, entry.path);
    return entry.type === "hardlink"
      ? { ...entry, path, target: joinPath(directory, entry.target) }
      : { ...entry, path };
  };
  return FileTree.of(tree.entries().map(moved));
}
