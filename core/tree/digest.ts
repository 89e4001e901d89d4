/** A tree's digest: equal for trees that a script could not tell apart. Origins do not count. */
import { createHash } from "node:crypto";
import type { ContentHandle, Entry } from "../model/entry.ts";
import { digestFromHex, digestOf, type Digest } from "../model/digest.ts";
import type { Json } from "../model/json.ts";
import type { FileTree } from "./file-tree.ts";

/**
 * sha256 over every entry with the identity of its content. A host file's identity is its stat record, so the digest
 * is true on this machine only and must reach no output.
 */
export function treeDigest(tree: FileTree): Digest {
  return entriesDigest(tree.entries());
}

/** As `treeDigest`, of entries in the order that they have. */
export function entriesDigest(entries: Iterable<Entry>): Digest {
  const hash = createHash("sha256");
  let text = "";
  for (const entry of entries) {
    text += `${entryIdentity(entry)}\n`;
    if (text.length < HASHED_AT_ONCE) continue;
    hash.update(text);
    text = "";
  }
  return digestFromHex(hash.update(text).digest("hex"));
}

/** A hash takes long texts faster than many short ones. */
const HASHED_AT_ONCE = 64 * 1024;

/** One line that is equal for equal entries only. A list, not an object: there are many, and names take time. */
function entryIdentity(entry: Entry): string {
  const { path, type, mode, uid, gid, uname, gname, mtime, xattrs } = entry;
  const owner = uname === undefined && gname === undefined ? [uid, gid] : [uid, gid, uname ?? null, gname ?? null];
  const extra = xattrs === undefined ? [] : Object.entries(xattrs).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([type, path, mode, owner, mtime, extra, bodyIdentity(entry)]);
}

function bodyIdentity(entry: Entry): Json {
  switch (entry.type) {
    case "file":
      return [entry.size, ...contentIdentity(entry.content)];
    case "symlink":
    case "hardlink":
      return entry.target;
    case "character":
    case "block":
      return [entry.major, entry.minor];
    case "directory":
    case "fifo":
      return null;
  }
}

/** What tells one content from another without reading it. */
export function contentIdentity(content: ContentHandle): readonly Json[] {
  switch (content.kind) {
    case "inline":
      return [digestOf(content.bytes)];
    case "host": {
      const { size, mtimeNs, ctimeNs, ino, dev } = content.stat;
      return [content.file, size, mtimeNs, ctimeNs, ino, dev];
    }
    case "slice":
      return [content.archive, content.offset];
  }
}
