/**
 * Freeing space: derived files go first, as they can be made again from what is here, then all else; of each, what
 * was not used for longest goes first. What a running build may use stays.
 */
import { lstatSync } from "node:fs";
import { removeDerivedDirectory } from "./derived-directory.ts";
import { listStore, type StoredItem } from "./inventory.ts";
import { USE_MILLISECONDS } from "./last-use.ts";
import { enter, oldestBuild, sweepMarks, untilCollected } from "./presence.ts";
import { removeSealed, SEAL } from "./seal.ts";
import { removeKept, sweepTemporary } from "./temporary-files.ts";

export interface CollectedGarbage {
  readonly files: number;
  /** Of those files; work directories are not measured. */
  readonly bytes: number;
  readonly workDirectories: number;
  /** Bytes that are left. */
  readonly left: number;
  /** More was to go, but builds are running that may use it. */
  readonly isSpared: boolean;
}

/** Removes what killed processes left, work directories kept for more than a day, and all above `maxBytes`. */
export async function collectGarbage(
  directory: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<CollectedGarbage> {
  await untilCollected(directory, signal);
  const presence = enter(directory, "gc");
  try {
    sweepMarks(directory);
    const workDirectories = (await sweepTemporary(directory)) + (await removeKept(directory));
    const builds = oldestBuild(directory);
    // A build notes a use once a day, so what it uses may have been noted a day before it began.
    const end = builds === undefined ? Infinity : builds - USE_MILLISECONDS;
    const items = listStore(directory);
    let [files, bytes] = [0, 0];
    let left = items.reduce((sum, { size }) => sum + size, 0);
    for (const item of items.toSorted(byWorth)) {
      if (left <= maxBytes) break;
      signal.throwIfAborted();
      presence.renew();
      // Looked at again, as a build may have used it since.
      if ((useOf(item) ?? Infinity) >= end) continue;
      await (item.type === "directory" ? removeDerivedDirectory(item.file, directory) : removeSealed(item.file));
      left -= item.size;
      bytes += item.size;
      files++;
    }
    return { files, bytes, workDirectories, left, isSpared: left > maxBytes && builds !== undefined };
  } finally {
    presence.leave();
  }
}

/** The least worth first. */
function byWorth(a: StoredItem, b: StoredItem): number {
  const isDerived = ({ type }: StoredItem) => type === "derived" || type === "directory";
  const [isDerivedA, isDerivedB] = [isDerived(a), isDerived(b)];
  if (isDerivedA !== isDerivedB) return isDerivedA ? -1 : 1;
  return a.usedAt - b.usedAt || (a.file < b.file ? -1 : 1);
}

function useOf({ file }: StoredItem): number | undefined {
  const stat = lstatSync(file + SEAL, { throwIfNoEntry: false }) ?? lstatSync(file, { throwIfNoEntry: false });
  return stat?.mtimeMs;
}
