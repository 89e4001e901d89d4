/** Digests of entries that say the same on every machine: files of the host count by their bytes, which are read for it. */
import { createHash } from "node:crypto";
import { digestFromHex, type Digest } from "../model/digest.ts";
import type { ContentHandle, Entry, FileEntry } from "../model/entry.ts";
import { openContent } from "./content.ts";
import { entriesDigest } from "./digest.ts";
import type { Pausing } from "./turns.ts";

/** By content, which says itself when it has changed. The same files are in layers, steps' inputs and other images. */
const known = new WeakMap<ContentHandle, Digest>();

const PIECE = 1024 * 1024;

/** Throws `E_CONTENT_CHANGED` and `E_CONTENT_UNREADABLE`. */
export function* portableDigest(entries: Iterable<Entry>): Pausing<Digest> {
  const all = [...entries];
  for (const entry of all) {
    if (!isOfHost(entry) || known.has(entry.content)) continue;
    known.set(entry.content, yield* readDigest(entry));
  }
  return entriesDigest(all, ({ content }) => known.get(content)!);
}

/** Whether these files of the host have the bytes that their digests were taken of: a coarse clock may hide a change. */
export function* haveSameBytes(files: readonly Entry[]): Pausing<boolean> {
  for (const file of files) {
    if (isOfHost(file) && known.get(file.content) !== (yield* readDigest(file))) return false;
  }
  return true;
}

function isOfHost(entry: Entry): entry is FileEntry {
  return entry.type === "file" && entry.content.kind === "host";
}

function* readDigest(entry: FileEntry): Pausing<Digest> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, entry.size));
  const reader = openContent(entry);
  try {
    for (let left = entry.size; left > 0;) {
      const count = reader.read(buffer, 0, Math.min(left, PIECE));
      hash.update(buffer.subarray(0, count));
      left -= count;
      yield;
    }
    reader.finish();
  } finally {
    reader.close();
  }
  return digestFromHex(hash.digest("hex"));
}
