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
  /** Bytes. */
  readonly size: number;
  /** When the content was last written. */
  readonly mtimeMs: number;
  /** When content, owner or mode last changed; nobody can set it back. */
  readonly ctimeMs: number;
  /** With `dev`, which file it is: another one put in its place has another. */
  readonly ino: number;
  /** The file system's number. */
  readonly dev: number;
}

/** Where a file's bytes are. Never the bytes of something large. */
export type ContentHandle =
  | {
      /** In memory: for texts and other small things. */
      readonly kind: "inline";
      /** All of them; nobody may change them afterwards. */
      readonly bytes: Uint8Array;
    }
  | {
      /** A file of the host, read when it is needed. */
      readonly kind: "host";
      /** Absolute. */
      readonly file: HostPath;
      /** When it was listed; reading throws `E_CONTENT_CHANGED` where it differs by then. */
      readonly stat: HostStat;
      /** What stands for the bytes whatever the stat says, of a file that never changes (one of a Nix store path). */
      readonly identity?: string;
    }
  | {
      /** As many bytes as the entry's `size` says, out of a decompressed archive in the store. */
      readonly kind: "slice";
      /** The decompressed archive. Absolute. */
      readonly file: string;
      /** Of the archive that it was made from, compressed: with `offset` it stands for the bytes in layers' keys. */
      readonly archive: Digest;
      /** Bytes from the beginning of `file`. */
      readonly offset: number;
    };

/** What entries of every type have. */
export interface EntryMeta {
  /** Byte string from the root, without a slash at either end; `treePath` makes one of a text. */
  readonly path: TreePath;
  /** Permission bits with set-uid, set-gid and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** 0 to 2^32 − 2. */
  readonly uid: number;
  /** 0 to 2^32 − 2. */
  readonly gid: number;
  /** The owner's name as tars carry it beside `uid`; unset writes none. */
  readonly uname?: string;
  /** The group's name as tars carry it beside `gid`; unset writes none. */
  readonly gname?: string;
  /** Seconds since 1970, whole. */
  readonly mtime: number;
  /** Values are byte strings. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Mostly unset until merged. */
  readonly origin?: Origin;
}

/** A regular file under its first name; further names of it are entries of type `hardlink`. */
export interface FileEntry extends EntryMeta {
  /** Narrows an `Entry`. */
  readonly type: "file";
  /** Bytes; what `content` gives has to be as many. */
  readonly size: number;
  /** Where the bytes are; `openContent` reads them. */
  readonly content: ContentHandle;
}

/** A directory; what is in it are entries of their own, by their paths. */
export interface DirectoryEntry extends EntryMeta {
  /** Narrows an `Entry`. */
  readonly type: "directory";
  /** Nobody listed it: it is there because something lies below it, and gives way to a listed one. */
  readonly implicit?: true;
}

/** Linux knows no permissions of symbolic links, and says this of each. Other systems have some, which nothing obeys. */
export const SYMLINK_MODE = 0o777;

/** Its mode means nothing: `SYMLINK_MODE` is what is written. */
export interface SymlinkEntry extends EntryMeta {
  /** Narrows an `Entry`. */
  readonly type: "symlink";
  /** A byte string, as the link holds it: relative or absolute, never resolved when stored. */
  readonly target: string;
}

/** A second name of a file of the same tree. `target` names a `file` entry. */
export interface HardlinkEntry extends EntryMeta {
  /** Narrows an `Entry`. */
  readonly type: "hardlink";
  /** The path of the `file` entry whose bytes, mode and owner it shares. */
  readonly target: TreePath;
}

/** A device file, which an image may hold, though Docker makes its own in /dev. */
export interface DeviceEntry extends EntryMeta {
  /** As mknod(1) tells them apart: `c` and `b`. */
  readonly type: "character" | "block";
  /** The driver's number (Linux, admin-guide/devices.txt). */
  readonly major: number;
  /** Which of the driver's devices. */
  readonly minor: number;
}

/** A named pipe, see mkfifo(3). */
export interface FifoEntry extends EntryMeta {
  /** Narrows an `Entry`. */
  readonly type: "fifo";
}

/** One path of a tree. Sockets are none: no tar can hold one. */
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

/**
 * An entry at another place, of another's tree. There are very many: written out, each takes half the room and time of a copy that
 * gets properties which it had not.
 */
export function placedEntry(
  entry: Entry,
  { path, origin, mtime = entry.mtime }: { readonly path: TreePath; readonly origin: Origin; readonly mtime?: number },
): Entry {
  const { mode, uid, gid, uname, gname, xattrs } = entry;
  const isPlain = uname === undefined && gname === undefined && xattrs === undefined;
  if (isPlain && entry.type === "file") {
    const { type, size, content } = entry;
    return { path, mode, uid, gid, mtime, origin, type, size, content };
  }
  if (isPlain && entry.type === "symlink") {
    const { type, target } = entry;
    return { path, mode, uid, gid, mtime, origin, type, target };
  }
  if (isPlain && entry.type === "directory" && !entry.implicit)
    return { path, mode, uid, gid, mtime, origin, type: entry.type };
  return { ...entry, path, mtime, origin };
}

/** How many bytes of names, links and attributes it holds. */
export function textsOf(entry: Entry): number {
  const { path, uname = "", gname = "", xattrs } = entry;
  const target = entry.type === "symlink" || entry.type === "hardlink" ? entry.target : "";
  let attributes = 0;
  for (const key in xattrs) attributes += key.length + xattrs[key]!.length;
  return path.length + target.length + uname.length + gname.length + attributes;
}
