/** Trees that images make of a package's: where several make the same of it, that is one tree, whose entries are there once. */
import type { FileTree } from "./file-tree.ts";

/** Gives what `make` gave for this tree and key. What is in a key has to say all that is made of the tree. */
export type DerivedTrees = (tree: FileTree, key: string, make: () => FileTree) => FileTree;

/** A memory of its own. What is in it stays as long as the tree that it was made of. */
export function derivedTrees(): DerivedTrees {
  const byTree = new WeakMap<FileTree, Map<string, FileTree>>();
  return (tree, key, make) => {
    const known = byTree.get(tree) ?? new Map<string, FileTree>();
    byTree.set(tree, known);
    const derived = known.get(key) ?? make();
    known.set(key, derived);
    return derived;
  };
}
