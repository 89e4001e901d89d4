/** Listing the directories that entries lie in. */
import type { DirectoryEntry, Entry } from "../model/entry.ts";
import { ROOT, parentOf, type TreePath } from "../model/path.ts";

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
  function add(entry: Entry): void {
    const parent = parentOf(entry.path);
    if (!directories.has(parent)) add(makeParent(parent, entry));
    if (entry.type === "directory") directories.add(entry.path);
    result.push(entry);
  }
  for (const entry of sorted) add(entry);
  return result;
}
