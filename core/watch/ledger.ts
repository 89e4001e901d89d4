/** What one build read of the host, and as what: the truth that all else about watching only hastens to ask. */
import { lstatSync, readdirSync, statSync, type Stats } from "node:fs";
import { runtime } from "../host.ts";
import type { HostPath, HostStat } from "../model/entry.ts";
import type { HostReads } from "../model/host-reads.ts";
import { hostPath, toFsPath } from "../tree/host.ts";
import type { Pausing } from "../tree/turns.ts";

export interface Ledger extends HostReads {
  /** How many files and folders. */
  readonly size: number;
  /** Where something has to happen before any of them is another one. */
  readonly folders: ReadonlySet<HostPath>;
  /** Whether this is written down and no longer as it was. */
  isChanged(path: HostPath): boolean;
  /** All that are not, with pauses. */
  changes(): Pausing<HostPath[]>;
  /** Tells all of it, as it is now. */
  retell(reads: HostReads): void;
}

interface Listing {
  readonly keep: (name: string) => boolean;
  /** Undefined where it could not be listed. */
  readonly names: ReadonlySet<string> | undefined;
  readonly mode: number | undefined;
  /** With its times, as it was when it was last found unchanged. */
  state: string;
}

const PAUSE_AFTER = 512;

/** `onFolder` is told of each of `folders` as it comes. */
export function openLedger(onFolder: (folder: HostPath) => void): Ledger {
  const files = new Map<HostPath, string>();
  const listings = new Map<HostPath, Listing>();
  const folders = new Set<HostPath>();

  function lookAfter(folder: HostPath): void {
    if (folders.has(folder)) return;
    folders.add(folder);
    onFolder(folder);
  }

  /** What was told first counts: something may have been made of it. */
  function write(place: HostPath, state: () => string): void {
    if (files.has(place)) return;
    lookAfter(parentOf(place));
    files.set(place, state());
  }

  return {
    folders,
    get size() {
      return files.size + listings.size;
    },
    path: (place) => write(place, () => stateOf(place)),
    file: (place, stat) => write(place, () => fileState(stat)),
    folder(place, keep = () => true) {
      if (listings.has(place)) return;
      lookAfter(parentOf(place));
      lookAfter(place);
      listings.set(place, list(place, keep));
    },
    isChanged(place) {
      const [state, listing] = [files.get(place), listings.get(place)];
      if (state !== undefined && stateOf(place) !== state) return true;
      return listing !== undefined && !isSame(listing, list(place, listing.keep));
    },
    *changes() {
      const changed: HostPath[] = [];
      let count = 0;
      for (const [place, state] of files) {
        if (stateOf(place) !== state) changed.push(place);
        if (++count % PAUSE_AFTER === 0) yield;
      }
      for (const [place, listing] of listings) {
        if (++count % PAUSE_AFTER === 0) yield;
        // Listing takes much longer than looking.
        if (timedState(statOf(place)) === listing.state) continue;
        const now = list(place, listing.keep);
        // What came and went again is no change.
        if (isSame(listing, now)) listing.state = now.state;
        else changed.push(place);
      }
      return changed;
    },
    retell(reads) {
      for (const place of files.keys()) reads.path(place);
      for (const [place, { keep }] of listings) reads.folder(place, keep);
    },
  };
}

/** The folder that it lies in; of the root, the root. */
export function parentOf(path: HostPath): HostPath {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** Its state is asked for before its names: what comes meanwhile is then looked at once more. */
function list(folder: HostPath, keep: Listing["keep"]): Listing {
  const stat = statOf(folder);
  return { keep, state: timedState(stat), mode: stat?.mode, names: namesIn(folder, keep) };
}

function isSame(one: Listing, other: Listing): boolean {
  if (one.mode !== other.mode || one.names?.size !== other.names?.size) return false;
  return [...(one.names ?? [])].every((name) => other.names?.has(name));
}

function namesIn(folder: HostPath, keep: Listing["keep"]): ReadonlySet<string> | undefined {
  const names = looking(() => {
    const place = toFsPath(folder);
    // Buffers go wrong elsewhere.
    return runtime() === "node" ? readdirSync(place, { encoding: "buffer" }) : readdirSync(place);
  });
  return names && new Set(names.map(hostPath).filter((name) => isKept(name, keep)));
}

/** A config's own filter may fail: the build tells of that. */
function isKept(name: string, keep: Listing["keep"]): boolean {
  return looking(() => keep(name)) ?? true;
}

const NOTHING = "nothing";

/** Of a link, what it leads to as well: whoever reads it follows it. */
function stateOf(path: HostPath): string {
  const stat = looking(() => lstatSync(toFsPath(path)));
  if (stat === undefined) return NOTHING;
  return stat.isSymbolicLink() ? `${fileState(stat)} ${plainState(statOf(path))}` : plainState(stat);
}

/** A folder's times change with whatever is made in it. */
function plainState(stat: Stats | undefined): string {
  if (stat === undefined) return NOTHING;
  return stat.isDirectory() ? `folder ${stat.mode} ${stat.ino}` : fileState(stat);
}

/** Deno says the time of a new mode in whole seconds. */
function timedState(stat: Stats | undefined): string {
  return stat === undefined ? NOTHING : `${fileState(stat)} ${stat.mode}`;
}

function fileState({ size, mtimeMs, ctimeMs, ino }: HostStat): string {
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
}

function statOf(path: HostPath): Stats | undefined {
  return looking(() => statSync(toFsPath(path)));
}

/** What cannot be looked at is as good as not there: a build says why. */
function looking<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
