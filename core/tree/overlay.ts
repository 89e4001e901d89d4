/** Laying entries over a tree. */
import type { Entry } from "../model/entry.ts";
import { isUnderAny, type TreePath } from "../model/path.ts";
import { FileTree } from "./file-tree.ts";

/** `tree` with `entries` added, or put in place of what has their path. */
export function withEntries(tree: FileTree, entries: Iterable<Entry>): FileTree {
  const added = [...entries];
  return added.length === 0 ? tree : tree.with(added);
}

/** `tree` without these paths and what lies below them. */
export function withoutPaths(tree: FileTree, paths: Iterable<TreePath>): FileTree {
  const gone = new Set(paths);
  if (gone.size === 0) return tree;
  return FileTree.of(tree.entries().filter(({ path }) => !isUnderAny(path, gone)));
}
