/** A tree as file systems have it: names of inodes, of which a file may have several. */
import { FileTree, comparePaths, metaOf, type Entry, type TreePath } from "../../../core/index.ts";

/** Its path is one of its names. */
export type Inode = Exclude<Entry, { type: "hardlink" }>;

export interface Name {
  readonly path: TreePath;
  readonly inode: Inode;
}

export function inodeOf(tree: FileTree, entry: Entry): Inode {
  const inode = entry.type === "hardlink" ? tree.get(entry.target) : entry;
  if (inode === undefined || inode.type === "hardlink")
    throw new Error("FileTree guarantees that hard links name files");
  return inode;
}

/** The last of one path counts. */
export function treeOfNames(names: readonly Name[]): FileTree {
  const sorted = [...new Map(names.map((name) => [name.path, name])).values()];
  sorted.sort((a, b) => comparePaths(a.path, b.path));
  const first = new Map<Inode, TreePath>();
  for (const { path, inode } of sorted) if (!first.has(inode) || path === inode.path) first.set(inode, path);
  return FileTree.of(
    sorted.map(({ path, inode }): Entry => {
      const target = first.get(inode)!;
      if (path !== target) return { ...metaOf(inode), path, type: "hardlink", target };
      return path === inode.path ? inode : { ...inode, path };
    }),
  );
}
