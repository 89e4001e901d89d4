/** A tree's digest: equal for trees that a script could not tell apart. Origins do not count. */
import { createHash } from "node:crypto";
import { modeOf, type ContentHandle, type Entry, type FileEntry, type HostStat } from "../model/entry.ts";
import { digestFromHex, digestOf, type Digest } from "../model/digest.ts";
import type { FileTree } from "./file-tree.ts";

/**
 * sha256 over every entry with the identity of its content. A host file's identity is its stat record, so the digest
 * is true on this machine only and must reach no output.
 */
export function treeDigest(tree: FileTree): Digest {
  const digest = digests.get(tree) ?? entriesDigest(tree.entries());
  digests.set(tree, digest);
  return digest;
}

/** Trees do not change, and a large one is asked for its digest by each who keeps something by it. */
const digests = new WeakMap<FileTree, Digest>();

/** What stands for the bytes of a host file, where its stat record is not to. */
export type BytesOf = (file: FileEntry) => Digest;

/** As `treeDigest`, of entries in the order that they have. With `bytesOf` it is true on every machine. */
export function entriesDigest(entries: Iterable<Entry>, bytesOf?: BytesOf): Digest {
  const hash = createHash("sha256");
  let text = "";
  // Written out, the numbers would take longer than all else.
  const numbers = new Float64Array(ENTRIES_AT_ONCE * ENTRY_NUMBERS);
  let used = 0;
  const flush = (): void => {
    hash.update(`${text.length} ${used}\n${text}`, "latin1").update(new Uint8Array(numbers.buffer, 0, used * 8));
    text = "";
    used = 0;
  };
  for (const entry of entries) {
    text += `${entryText(entry, bytesOf)}\n`;
    numbers[used] = modeOf(entry);
    numbers[used + 1] = entry.uid;
    numbers[used + 2] = entry.gid;
    numbers[used + 3] = entry.mtime;
    numbers[used + 4] = entry.type === "file" ? entry.size : 0;
    const stat = bytesOf === undefined ? changingStat(entry) : undefined;
    numbers[used + 5] = stat?.mtimeMs ?? 0;
    numbers[used + 6] = stat?.ctimeMs ?? 0;
    numbers[used + 7] = stat?.ino ?? 0;
    numbers[used + 8] = stat?.dev ?? 0;
    used += ENTRY_NUMBERS;
    if (text.length >= HASHED_AT_ONCE || used === numbers.length) flush();
  }
  flush();
  return digestFromHex(hash.digest("hex"));
}

/** A hash takes long texts faster than many short ones. */
const HASHED_AT_ONCE = 64 * 1024;
const ENTRIES_AT_ONCE = 1024;
const ENTRY_NUMBERS = 9;

/** What an entry has beside numbers. Put together by hand: there are many, and JSON takes time. */
function entryText(entry: Entry, bytesOf: BytesOf | undefined): string {
  const isRead = bytesOf !== undefined && entry.type === "file" && entry.content.kind === "host";
  const body = isRead ? bytesOf(entry) : bodyText(entry);
  // A path holds no NUL, which parts it from what stands behind it.
  return `${entry.path}\0${entry.type} ${rareIdentity(entry)}${body}`;
}

/** Of what few entries have. */
function rareIdentity({ uname, gname, xattrs }: Entry): string {
  if (uname === undefined && gname === undefined && xattrs === undefined) return "";
  const extra = Object.entries(xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([uname ?? null, gname ?? null, extra]);
}

/** What an entry is beside its metadata: content, target or device; empty where there is no more. */
export function bodyIdentity(entry: Entry): string {
  const stat = changingStat(entry);
  const text = entry.type === "file" ? `${entry.size} ${bodyText(entry)}` : bodyText(entry);
  return stat === undefined ? text : `${text} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino} ${stat.dev}`;
}

/** Of a host file that may change. Its size is the entry's. */
function changingStat(entry: Entry): HostStat | undefined {
  const content = entry.type === "file" ? entry.content : undefined;
  return content?.kind === "host" && content.identity === undefined ? content.stat : undefined;
}

/** Without numbers that very many entries have. */
function bodyText(entry: Entry): string {
  switch (entry.type) {
    case "file":
      return contentIdentity(entry.content);
    case "symlink":
    case "hardlink":
      return JSON.stringify(entry.target);
    case "character":
    case "block":
      return `${entry.major}:${entry.minor}`;
    case "directory":
    case "fifo":
      return "";
  }
}

/** What tells one content from another without reading it, but for what `changingStat` gives. */
function contentIdentity(content: ContentHandle): string {
  switch (content.kind) {
    case "inline":
      return digestOf(content.bytes);
    case "host":
      return content.identity === undefined ? `host ${content.file}\0` : `fixed ${content.identity}\0`;
    case "slice":
      return `${content.archive} ${content.offset}`;
  }
}
