/** Whether two entries are the same thing. */
import type { Entry, EntryMeta, FileEntry } from "../model/entry.ts";
import { openContent } from "./content.ts";
import { atOnce, type Pausing } from "./turns.ts";

const CHUNK = 256 * 1024;

const NONE = {};

/** Same type, bytes or link target, mode, owner and xattrs; times apart. A hard link has to be given as the file it names. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return sameMeta(a, b) && sameBody(a, b);
}

/** Same mode, owner and xattrs. */
export function sameMeta(a: Entry, b: Entry): boolean {
  const sameMode = a.mode === b.mode || (a.type === "symlink" && b.type === "symlink");
  return sameMode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs);
}

/** Same type and bytes, link target or device number. */
export function sameBody(a: Entry, b: Entry): boolean {
  return atOnce(compareBodies(a, b));
}

/** As `sameBody`, with pauses. */
export function* compareBodies(a: Entry, b: Entry): Pausing<boolean> {
  if (a.type === "file") return b.type === "file" && (yield* sameContent(a, b));
  if (a.type === "symlink") return b.type === "symlink" && a.target === b.target;
  if (a.type === "hardlink") return b.type === "hardlink" && a.target === b.target;
  if (a.type === "character" || a.type === "block")
    return a.type === b.type && a.major === b.major && a.minor === b.minor;
  return a.type === b.type;
}

function sameXattrs(a: EntryMeta["xattrs"] = NONE, b: EntryMeta["xattrs"] = NONE): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function* sameContent(a: FileEntry, b: FileEntry): Pausing<boolean> {
  if (a.size !== b.size) return false;
  const [x, y] = [a.content, b.content];
  if (x.kind === "slice" && y.kind === "slice" && x.archive === y.archive && x.offset === y.offset) return true;
  return yield* sameBytes(a, b);
}

function* sameBytes(a: FileEntry, b: FileEntry): Pausing<boolean> {
  const left = Buffer.allocUnsafe(CHUNK);
  const right = Buffer.allocUnsafe(CHUNK);
  const readA = openContent(a);
  try {
    const readB = openContent(b);
    try {
      for (let done = 0; done < a.size;) {
        const want = Math.min(CHUNK, a.size - done);
        for (let filled = 0; filled < want;) filled += readA.read(left, filled, want - filled);
        for (let filled = 0; filled < want;) filled += readB.read(right, filled, want - filled);
        if (left.compare(right, 0, want, 0, want) !== 0) return false;
        done += want;
        yield;
      }
      return true;
    } finally {
      readB.close();
    }
  } finally {
    readA.close();
  }
}
