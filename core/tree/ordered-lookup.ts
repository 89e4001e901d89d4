/** Finding many entries of a tree by paths that come in tree order: one pass, where an index takes memory and time. */
import type { Entry } from "../model/entry.ts";
import { comparePaths, type TreePath } from "../model/path.ts";
import type { FileTree } from "./file-tree.ts";

/** Gives the entry of each path. None of them may come before the last one. */
export function orderedLookup(tree: FileTree): (path: TreePath) => Entry | undefined {
  const entries = tree.entries();
  let at = 0;
  return (path) => {
    for (; at < entries.length; at++) {
      const entry = entries[at]!;
      if (entry.path === path) return entry;
      if (comparePaths(entry.path, path) > 0) return undefined;
    }
    return undefined;
  };
}
