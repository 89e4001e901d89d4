/** Trees of packages that several sources of a build read: what an app ships, and what builds it, are mostly the same packages. */
import type { BuildContext, FileTree } from "../../../core/index.ts";

/** Gives the tree of this key, which is read once. */
export type ReadOnce = (key: string, read: () => Promise<FileTree>) => Promise<FileTree>;

interface Sharing {
  readers: number;
  readonly trees: Map<string, Promise<FileTree>>;
}

const sharings = new WeakMap<BuildContext["tasks"], Sharing>();

/** With the readers that are at work meanwhile in the same run of the builder; with the last of them the trees go, since they are large. */
export async function sharingTrees<Result>(
  { tasks }: Pick<BuildContext, "tasks">,
  work: (readOnce: ReadOnce) => Promise<Result>,
): Promise<Result> {
  const sharing = sharings.get(tasks) ?? { readers: 0, trees: new Map<string, Promise<FileTree>>() };
  sharings.set(tasks, sharing);
  sharing.readers++;
  try {
    return await work((key, read) => {
      const tree = sharing.trees.get(key) ?? read();
      sharing.trees.set(key, tree);
      return tree;
    });
  } finally {
    if (--sharing.readers === 0) sharings.delete(tasks);
  }
}
