/** Looking at a tree as a program inside it would. */
import {
  ImageDslError,
  ROOT,
  lookup,
  parentOf,
  resolvePath,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../core/index.ts";

/** What a path leads to; undefined where it leads nowhere or in circles. */
export function follow(tree: FileTree, path: string): Entry | undefined {
  return unlessLoop(() => lookup(tree, path));
}

/** Where a directory really is; undefined where the path is no directory. */
export function realDirectory(tree: FileTree, path: string): TreePath | undefined {
  const real = unlessLoop(() => resolvePath(tree, path));
  if (real === undefined) return undefined;
  return real === ROOT || tree.get(real)?.type === "directory" ? real : undefined;
}

export function childrenOf(tree: FileTree, directory: TreePath): Entry[] {
  return tree.under(directory).filter((entry) => parentOf(entry.path) === directory);
}

function unlessLoop<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_TREE_LINK_LOOP") return undefined;
    throw error;
  }
}
