/** Listing the directories that entries lie in. */
import type { DirectoryEntry, Entry } from "../model/entry.ts";
import { ROOT, liesIn, parentOf, type TreePath } from "../model/path.ts";

/**
 * `sorted` with the directories that nobody listed, each right before the first entry that lies below it: so the result
 * is in order too. `makeParent` is asked once for each.
 */
export function withParents(
  sorted: readonly Entry[],
  makeParent: (path: TreePath, child: Entry) => DirectoryEntry,
): Entry[] {
  const result: Entry[] = [];
  const directories = new Set<TreePath>([ROOT]);
  let lastParent: TreePath = ROOT;
  function add(entry: Entry): void {
    // Mostly it lies where the one before it does, which is known.
    if (!liesIn(entry.path, lastParent)) {
      const parent = parentOf(entry.path);
      if (!directories.has(parent)) add(makeParent(parent, entry));
      lastParent = parent;
    }
    if (entry.type === "directory") directories.add(entry.path);
    result.push(entry);
  }
  for (const entry of sorted) add(entry);
  return result;
}
