/** What a file tree is made of: entries, and where their bytes are. Plain data. */
import type { Digest } from "./digest.ts";
import type { TreePath } from "./path.ts";

/** Who brought an entry: a closure node's id, `base` (the base image) or `image` (made by several nodes together). */
export type Origin = string;

/** A path on the host as a byte string (latin1); `core/tree/host.ts` turns it into what `fs` takes. */
export type HostPath = string;

/**
 * What the host said of a file when it was listed; a differing answer later means that it changed. Doubles throughout:
 * they hold times in milliseconds since 1970 to a quarter of a microsecond, far below what file systems tell apart.
 */
export interface HostStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly dev: number;
}

/** Where a file's bytes are. Never the bytes of something large. */
export type ContentHandle =
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  /** `identity`: what stands for the bytes whatever the stat says, of a file that never changes (one of a Nix store path). */
  | { readonly kind: "host"; readonly file: HostPath; readonly stat: HostStat; readonly identity?: string }
  /** `size` bytes at `offset` of `file`, a decompressed archive in the store made from the archive `archive`. */
  | { readonly kind: "slice"; readonly file: string; readonly archive: Digest; readonly offset: number };

export interface EntryMeta {
  readonly path: TreePath;
  /** Permission bits with set-uid, set-gid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname?: string;
  readonly gname?: string;
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Values are byte strings. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Mostly unset until merged. */
  readonly origin?: Origin;
}

export interface FileEntry extends EntryMeta {
  readonly type: "file";
  readonly size: number;
  readonly content: ContentHandle;
}

export interface DirectoryEntry extends EntryMeta {
  readonly type: "directory";
  /** Nobody listed it: it is there because something lies below it, and gives way to a listed one. */
  readonly implicit?: true;
}

/** Linux knows no permissions of symbolic links, and says this of each. Other systems have some, which nothing obeys. */
export const SYMLINK_MODE = 0o777;

/** Its mode means nothing: `SYMLINK_MODE` is what is written. */
export interface SymlinkEntry extends EntryMeta {
  readonly type: "symlink";
  /** A byte string, as the link holds it: relative or absolute, never resolved when stored. */
  readonly target: string;
}

/** A second name of a file of the same tree. `target` names a `file` entry. */
export interface HardlinkEntry extends EntryMeta {
  readonly type: "hardlink";
  readonly target: TreePath;
}

export interface DeviceEntry extends EntryMeta {
  readonly type: "character" | "block";
  readonly major: number;
  readonly minor: number;
}

export interface FifoEntry extends EntryMeta {
  readonly type: "fifo";
}

export type Entry = FileEntry | DirectoryEntry | SymlinkEntry | HardlinkEntry | DeviceEntry | FifoEntry;

/** The mode that counts. */
export function modeOf({ type, mode }: Entry): number {
  return type === "symlink" ? SYMLINK_MODE : mode;
}

/** What all kinds of entry have, without the rest: to make one kind out of another. */
export function metaOf(entry: Entry): EntryMeta {
  const { path, mode, uid, gid, uname, gname, mtime, xattrs, origin } = entry;
  return {
    path,
    mode,
    uid,
    gid,
    mtime,
    ...(uname !== undefined && { uname }),
    ...(gname !== undefined && { gname }),
    ...(xattrs !== undefined && { xattrs }),
    ...(origin !== undefined && { origin }),
  };
}
