/** Paths as scripts have them: byte strings from the root. */
import { type Entry, type FileTree, lookup, treePathFromBytes } from "../../../../core/index.ts";

/** Whether it is a path that says plainly where it leads. */
export function isPlainPath(path: string): boolean {
  return path.startsWith("/") && !/(^|\/)\.\.(\/|$)|[\0\s]/.test(path) && path.length < 1000;
}

/** Links followed; a link that leads nowhere is there all the same. */
export function entryAt(tree: FileTree, path: string): Entry | undefined {
  if (!isPlainPath(path)) return undefined;
  const inside = treePathFromBytes(path.slice(1));
  return lookup(tree, inside) ?? tree.get(inside);
}
