/** What scripts change in a tree, as data. */
import { type Entry, FileTree, type TreePath, withEntries } from "../../../core/index.ts";

/** An entry that is new or replaced, or a path that is gone. */
export type Change =
  | { readonly kind: "put"; readonly entry: Entry }
  | { readonly kind: "remove"; readonly path: TreePath };

/** The tree with the changes in it. */
export function applyChanges(tree: FileTree, changes: readonly Change[]): FileTree {
  const put = entriesPut(changes);
  if (put.length === changes.length) return withEntries(tree, put);
  const entries = new Map<TreePath, Entry>(tree.entries().map((entry) => [entry.path, entry]));
  for (const change of changes) if (change.kind === "remove") entries.delete(change.path);
  for (const entry of put) entries.set(entry.path, entry);
  return FileTree.of(entries.values());
}

export function entriesPut(changes: readonly Change[]): readonly Entry[] {
  return changes.flatMap((change) => (change.kind === "put" ? [change.entry] : []));
}

/** Whether a script left an entry as it was (a chmod to the mode it had). */
export function isSameEntry(after: Entry, before: Entry | undefined): boolean {
  if (before === undefined || after.type !== before.type) return false;
  if (after.mode !== before.mode || after.uid !== before.uid || after.gid !== before.gid) return false;
  if (JSON.stringify(after.xattrs ?? {}) !== JSON.stringify(before.xattrs ?? {})) return false;
  if (after.type === "file" && before.type === "file")
    return after.size === before.size && after.content === before.content;
  if (after.type === "symlink" && before.type === "symlink") return after.target === before.target;
  if (after.type === "hardlink" && before.type === "hardlink") return after.target === before.target;
  return after.type === "directory";
}

/** Names of owners stand for the ids they had, and a directory that a script touches is nobody's guess any more. */
export function withoutNames(entry: Entry): Entry {
  const { uname: _uname, gname: _gname, ...rest } = entry;
  if (rest.type !== "directory") return rest as Entry;
  const { implicit: _implicit, ...listed } = rest;
  return listed;
}
