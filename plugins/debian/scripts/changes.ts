/** What scripts change in a tree, as data. */
import { type Entry, FileTree, type TreePath } from "../../../core/index.ts";

/** An entry that is new or replaced, or a path that is gone. */
export type Change =
  | { readonly kind: "put"; readonly entry: Entry }
  | { readonly kind: "remove"; readonly path: TreePath };

/** The tree with the changes in it. */
export function applyChanges(tree: FileTree, changes: readonly Change[]): FileTree {
  if (changes.length === 0) return tree;
  const entries = new Map<TreePath, Entry>(tree.entries().map((entry) => [entry.path, entry]));
  for (const change of changes) {
    if (change.kind === "put") entries.set(change.entry.path, change.entry);
    else entries.delete(change.path);
  }
  return FileTree.of(entries.values());
}
