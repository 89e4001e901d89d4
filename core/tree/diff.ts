/** What lies between two trees: the changes that, laid over the one, give the other. */
import type { Entry } from "../model/entry.ts";
import { ROOT, comparePaths, isUnder, parentOf, type TreePath } from "../model/path.ts";
import { compareBodies, sameMeta } from "./equal.ts";
import { FileTree } from "./file-tree.ts";
import { withEntries } from "./overlay.ts";
import { orderedLookup } from "./ordered-lookup.ts";
import { atOnce, type Pausing } from "./turns.ts";

/** What has to be done to one tree to get another. */
export interface TreeChanges {
  /**
   * New and differing entries, in tree order. A group of hard links is always whole: where one name is new or differs,
   * all of the group's names are here.
   */
  readonly changed: readonly Entry[];
  /** What is gone while the directory that held it is still one; below a removed directory nothing more is named. */
  readonly removed: readonly TreePath[];
}

/** Compares type, mode, owner, link target, device, xattrs and bytes. Times do not count, nor do owners' names. */
export function diffTrees(before: FileTree, after: FileTree): TreeChanges {
  return atOnce(compareTrees(before, after));
}

/** As `diffTrees`, with pauses. */
export function* compareTrees(before: FileTree, after: FileTree): Pausing<TreeChanges> {
  const changed = new Set<TreePath>();
  const touchedGroups = new Set<TreePath>();
  const entryBefore = orderedLookup(before);
  for (const entry of after.entries()) {
    yield;
    if (yield* isUnchanged(entryBefore(entry.path), entry)) continue;
    changed.add(entry.path);
    if (entry.type === "hardlink") touchedGroups.add(entry.target);
    else if (entry.type === "file") touchedGroups.add(entry.path);
  }
  const isTouched = (entry: Entry) =>
    changed.has(entry.path) || touchedGroups.has(entry.type === "hardlink" ? entry.target : entry.path);
  yield;
  const allChanged = after.entries().filter(isTouched);
  yield;
  return { changed: allChanged, removed: missingPaths(before, after) };
}

/** What is gone, as `TreeChanges` has it: below a removed directory nothing more is named. */
export function missingPaths(before: FileTree, after: FileTree): readonly TreePath[] {
  const entryAfter = orderedLookup(after);
  return before
    .entries()
    .filter(({ path }) => entryAfter(path) === undefined && isDirectory(after, parentOf(path)))
    .map(({ path }) => path);
}

/** Lays changes over a tree. What lay below a path that is no directory any more is gone. */
export function applyChanges(tree: FileTree, { changed, removed }: TreeChanges): FileTree {
  const hides = ({ path, type }: Entry) => type !== "directory" && tree.get(path)?.type === "directory";
  const gone = [...removed, ...changed.filter(hides).map((entry) => entry.path)];
  if (gone.length === 0) return withEntries(tree, changed);
  const kept = new Map(withoutAll(tree, gone).map((entry) => [entry.path, entry]));
  for (const entry of changed) kept.set(entry.path, entry);
  return FileTree.of(kept.values());
}

function* isUnchanged(before: Entry | undefined, after: Entry): Pausing<boolean> {
  if (before === after) return true;
  if (before === undefined || !sameMeta(before, after)) return false;
  // Equal handles are the common case by far, and comparing them reads nothing.
  if (before.type === "file" && after.type === "file" && before.content === after.content)
    return before.size === after.size;
  return yield* compareBodies(before, after);
}

function isDirectory(tree: FileTree, path: TreePath): boolean {
  return path === ROOT || tree.get(path)?.type === "directory";
}

/** The entries that are neither one of `paths` nor below one. Both lists are in tree order, so one pass will do. */
function withoutAll(tree: FileTree, paths: readonly TreePath[]): readonly Entry[] {
  const sorted = [...paths].sort(comparePaths);
  let next = 0;
  return tree.entries().filter(({ path }) => {
    while (next < sorted.length && comparePaths(sorted[next]!, path) < 0 && !isUnder(path, sorted[next]!)) next++;
    return next >= sorted.length || !isUnder(path, sorted[next]!);
  });
}
