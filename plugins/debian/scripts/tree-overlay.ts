/**
 * A merged tree with what scripts did laid over it, entry by entry. Everything is recorded in an undo log, so that a
 * package's effects can be taken back whole.
 */
import {
  type Entry,
  type FileTree,
  type TreePath,
  baseNameOf,
  comparePaths,
  joinPath,
  parentOf,
} from "../../../core/index.ts";
import { type Lookout, lookout } from "./apart.ts";
import { type Change, isSameEntry } from "./changes.ts";
import { originIndex } from "./origin-index.ts";
import { NotCovered } from "./shell/state.ts";
import { UNKNOWN } from "./unknown-content.ts";

export interface TreeOverlay {
  /** The entry at exactly this path. */
  get(path: TreePath): Entry | undefined;
  /** Adds, replaces or (null) removes the entry at a path. */
  set(path: TreePath, after: Entry | null): void;
  /** Names in a directory, in byte order, and how many had to be looked at. */
  names(directory: TreePath): { readonly there: readonly string[]; readonly seen: number };
  /** Every name of the file at `path` but its first. */
  linksTo(path: TreePath): readonly TreePath[];
  /** A place in the undo log. */
  mark(): number;
  rollBack(mark: number): void;
  /** Until `unhide`: what the package of this origin ships is not there yet. */
  hide(origin: string): void;
  /** The package is unpacked over what was written since `mark`: its files win. */
  unhide(mark: number): void;
  /** Packages of later turns are not unpacked yet; those of turns up to this one are now: their files win. */
  unpackUntil(turn: number): void;
  /** Whether packages of this turn are unpacked. */
  isUnpacked(turn: number): boolean;
  /** The net changes, in path order. */
  changes(): readonly Change[];
}

const MAX_LOG = 200_000;

export function treeOverlay(
  tree: FileTree,
  turnOf: (origin: string | undefined) => number,
  look: Lookout = lookout(new Set()),
): TreeOverlay {
  const overlay = new Map<TreePath, Entry | null>();
  const overlayNames = new Map<TreePath, Set<string>>();
  const log: { readonly path: TreePath; readonly before: Entry | null | undefined }[] = [];
  const index = originIndex(tree, turnOf);
  let hidden: string | undefined;
  let now = Infinity;

  const get = (path: TreePath): Entry | undefined => {
    look.at(path);
    const changed = overlay.get(path);
    if (changed !== undefined) return changed ?? undefined;
    const entry = tree.get(path);
    if (entry === undefined || index.firstTurn(path) > now) return undefined;
    return hidden !== undefined && index.isOnlyOf(entry, hidden) ? undefined : entry;
  };

  return {
    get,
    set(path, after) {
      look.at(path);
      if (log.length >= MAX_LOG) throw new NotCovered(`more than ${MAX_LOG} changes are made`);
      log.push({ path, before: overlay.get(path) });
      overlay.set(path, after);
      const names = overlayNames.get(parentOf(path));
      if (names) names.add(baseNameOf(path));
      else overlayNames.set(parentOf(path), new Set([baseNameOf(path)]));
    },
    names(directory) {
      look.into(directory);
      const names = new Set(index.names(directory));
      for (const name of overlayNames.get(directory) ?? []) names.add(name);
      const there = [...names].filter((name) => get(joinPath(directory, name)) !== undefined).sort();
      return { there, seen: names.size };
    },
    linksTo(path) {
      const candidates = new Set(index.links(path));
      for (const [other, entry] of overlay)
        if (entry?.type === "hardlink" && entry.target === path) candidates.add(other);
      return [...candidates]
        .filter((other) => {
          const entry = get(other);
          return entry?.type === "hardlink" && entry.target === path;
        })
        .sort(comparePaths);
    },
    mark: () => log.length,
    rollBack(mark) {
      while (log.length > mark) {
        const { path, before } = log.pop()!;
        if (before === undefined) overlay.delete(path);
        else overlay.set(path, before);
      }
    },
    hide(origin) {
      hidden = origin;
    },
    unhide(mark) {
      const origin = hidden;
      hidden = undefined;
      if (origin === undefined) return;
      for (const { path } of log.slice(mark)) {
        const own = tree.get(path);
        if (own?.origin !== origin || own.type === "directory") continue;
        if (overlay.has(path)) log.push({ path, before: overlay.get(path) });
        overlay.delete(path);
      }
    },
    isUnpacked: (turn) => turn <= now,
    unpackUntil(turn) {
      const before = now;
      now = turn;
      for (const path of overlay.keys()) {
        const own = tree.get(path);
        if (own === undefined || own.type === "directory" || index.firstTurn(path) <= before) continue;
        if (index.firstTurn(path) > now) continue;
        log.push({ path, before: overlay.get(path) });
        overlay.delete(path);
      }
    },
    changes() {
      const paths = [...overlay.keys()].sort(comparePaths);
      return paths.flatMap((path): Change[] => {
        const changed = overlay.get(path)!;
        const entry = changed?.type === "file" && changed.content === UNKNOWN ? null : changed;
        if (entry === null) return tree.has(path) ? [{ kind: "remove", path }] : [];
        return isSameEntry(entry, tree.get(path)) ? [] : [{ kind: "put", entry }];
      });
    },
  };
}
