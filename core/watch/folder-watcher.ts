/**
 * The system's own word of what happens in folders, one by one: watching whole trees would tell of all that nobody reads, and
 * Linux has no such thing. It only makes a change known at once, since much can go unsaid (shared folders, what was renamed
 * together with a folder above it, limits).
 */
import { statSync, watch, type FSWatcher } from "node:fs";
import { messageOf, systemCodeOf } from "../error.ts";
import type { HostPath } from "../model/entry.ts";
import { hostPath, toFsPath } from "../tree/host.ts";
import { parentOf } from "./ledger.ts";

export interface FolderWatcher {
  /** One that is not there is watched for in the nearest folder above it that is. */
  watch(folder: HostPath): void;
  /** Leaves all others alone, and takes up anew those that are other folders than they were. */
  keep(folders: ReadonlySet<HostPath>): void;
  /** Why the system does not watch all of them. */
  readonly limit: string | undefined;
  close(): void;
}

/** `undefined`: something may have happened to anything. */
export type OnHint = (path: HostPath | undefined) => void;

interface Watched {
  /** Undefined where the system cannot. */
  readonly watcher: FSWatcher | undefined;
  readonly inode: number | undefined;
}

export function folderWatcher(onHint: OnHint): FolderWatcher {
  const watched = new Map<HostPath, Watched>();
  let limit: string | undefined;

  function open(folder: HostPath): void {
    const inode = inodeOf(folder);
    // Of one that is not there, whatever happens above it may be its making.
    const isThere = inode !== undefined;
    watched.set(folder, { inode, watcher: isThere ? start(folder, true) : start(nearest(folder), false) });
  }

  function start(folder: HostPath, isMeant: boolean): FSWatcher | undefined {
    try {
      const watcher = watch(toFsPath(folder), (_event, name) => {
        onHint(isMeant && name !== null ? `${folder === "/" ? "" : folder}/${hostPath(name)}` : undefined);
      });
      // It was taken away: that it happened is what counts.
      watcher.on("error", (error) => {
        watcher.close();
        note(error);
        onHint(undefined);
      });
      return watcher;
    } catch (error) {
      note(error);
      return undefined;
    }
  }

  function note(error: unknown): void {
    if (!["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(systemCodeOf(error) ?? "")) limit ??= messageOf(error);
  }

  function close(folder: HostPath): void {
    watched.get(folder)?.watcher?.close();
    watched.delete(folder);
  }

  return {
    watch(folder) {
      if (!watched.has(folder)) open(folder);
    },
    keep(folders) {
      limit = undefined;
      for (const folder of watched.keys()) if (!folders.has(folder)) close(folder);
      for (const folder of folders) {
        const known = watched.get(folder);
        if (known?.watcher !== undefined && known.inode !== undefined && known.inode === inodeOf(folder)) continue;
        close(folder);
        open(folder);
      }
    },
    get limit() {
      return limit;
    },
    close() {
      for (const folder of watched.keys()) close(folder);
    },
  };
}

function inodeOf(folder: HostPath): number | undefined {
  try {
    return statSync(toFsPath(folder)).ino;
  } catch {
    return undefined;
  }
}

function nearest(folder: HostPath): HostPath {
  const above = parentOf(folder);
  return above === "/" || inodeOf(above) !== undefined ? above : nearest(above);
}
