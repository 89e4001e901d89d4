/** Laying entries over a tree, and taking some away. */
import { metaOf, type Entry } from "../model/entry.ts";
import { isUnderAny, type TreePath } from "../model/path.ts";
import { FileTree } from "./file-tree.ts";

/** `tree` with `entries` added, or put in place of what has their path. */
export function withEntries(tree: FileTree, entries: Iterable<Entry>): FileTree {
  const added = [...entries];
  return added.length === 0 ? tree : tree.with(added);
}

/** `tree` without these paths and what lies below them. A file that loses its first name lives on under its next one. */
export function withoutPaths(tree: FileTree, paths: Iterable<TreePath>): FileTree {
  const gone = new Set(paths);
  if (gone.size === 0) return tree;
  const kept = tree.entries().filter(({ path }) => !isUnderAny(path, gone));
  const heirs = new Map<TreePath, TreePath>();
  return FileTree.of(
    kept.map((entry): Entry => {
      if (entry.type !== "hardlink" || !isUnderAny(entry.target, gone)) return entry;
      const heir = heirs.get(entry.target);
      if (heir !== undefined) return { ...entry, target: heir };
      const file = tree.get(entry.target);
      if (file?.type !== "file") throw new Error("FileTree guarantees that hard links name files");
      heirs.set(entry.target, entry.path);
      return { ...metaOf(entry), type: "file", size: file.size, content: file.content };
    }),
  );
}
