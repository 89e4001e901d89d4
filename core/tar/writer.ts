/** Writing a tar of tree entries, in one pass over their content. */
import { openContent } from "../tree/content.ts";
import type { Entry, FileEntry } from "../model/entry.ts";
import { BLOCK, MAX_HEADER, headerSize, paddedSize, writeHeader } from "./header.ts";

/** Two zero blocks end an archive. */
export const END_SIZE = 2 * BLOCK;

const CHUNK = 1024 * 1024;

/** Bytes of the tar of these entries; reads no content. */
export function tarSize(entries: Iterable<Entry>): number {
  let total = END_SIZE;
  for (const entry of entries) total += headerSize(entry) + (entry.type === "file" ? paddedSize(entry.size) : 0);
  return total;
}

/**
 * The tar of these entries, in their order, in chunks of up to 1 MiB. All chunks share one buffer: a chunk is valid
 * until the next one is asked for. Throws `E_CONTENT_CHANGED` where a file is no longer what it was when listed.
 */
export function* tarChunks(entries: Iterable<Entry>): Generator<Uint8Array> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK);
  let used = 0;
  for (const entry of entries) {
    if (CHUNK - used < MAX_HEADER && CHUNK - used < headerSize(entry)) {
      yield chunk.subarray(0, used);
      used = 0;
    }
    used += writeHeader(chunk, used, entry);
    if (entry.type === "file" && entry.size > 0) used = yield* contentChunks(entry, chunk, used);
  }
  if (CHUNK - used < END_SIZE) {
    yield chunk.subarray(0, used);
    used = 0;
  }
  chunk.fill(0, used, used + END_SIZE);
  yield chunk.subarray(0, used + END_SIZE);
}

/** Appends a file's content and padding; returns how much of the chunk is used then. */
function* contentChunks(entry: FileEntry, chunk: Buffer, start: number): Generator<Uint8Array, number> {
  let used = start;
  const reader = openContent(entry);
  try {
    let left = entry.size;
    while (left > 0) {
      if (used === CHUNK) {
        yield chunk;
        used = 0;
      }
      const count = reader.read(chunk, used, Math.min(left, CHUNK - used));
      used += count;
      left -= count;
    }
    reader.finish();
  } finally {
    reader.close();
  }
  // Chunks end on block borders (CHUNK is a multiple), so the padding always fits.
  const padding = paddedSize(entry.size) - entry.size;
  chunk.fill(0, used, used + padding);
  return used + padding;
}
