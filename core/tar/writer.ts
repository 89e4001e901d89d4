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
 * The tar of these entries, in their order, in chunks of up to 1 MiB. Two buffers take turns: a chunk stays valid until
 * the one after the next is asked for, so it can be written while the next is made. Throws `E_CONTENT_CHANGED` where a
 * file is no longer what it was when listed.
 */
export function* tarChunks(entries: Iterable<Entry>): Generator<Uint8Array> {
  const buffer = new ChunkBuffer();
  for (const entry of entries) {
    // The size is asked for only where it may matter.
    if (buffer.free < MAX_HEADER && buffer.free < headerSize(entry)) yield buffer.take();
    buffer.used += writeHeader(buffer.current, buffer.used, entry);
    if (entry.type === "file" && entry.size > 0) yield* contentChunks(entry, buffer);
  }
  if (buffer.free < END_SIZE) yield buffer.take();
  buffer.zeros(END_SIZE);
  yield buffer.take();
}

/** Appends a file's content and padding. */
function* contentChunks(entry: FileEntry, buffer: ChunkBuffer): Generator<Uint8Array> {
  const reader = openContent(entry);
  try {
    let left = entry.size;
    while (left > 0) {
      if (buffer.free === 0) yield buffer.take();
      const count = reader.read(buffer.current, buffer.used, Math.min(left, buffer.free));
      buffer.used += count;
      left -= count;
    }
    reader.finish();
  } finally {
    reader.close();
  }
  // Chunks end on block borders, so the padding always fits.
  buffer.zeros(paddedSize(entry.size) - entry.size);
}

class ChunkBuffer {
  current = Buffer.allocUnsafeSlow(CHUNK);
  used = 0;
  #other = Buffer.allocUnsafeSlow(CHUNK);

  get free(): number {
    return CHUNK - this.used;
  }

  zeros(count: number): void {
    this.current.fill(0, this.used, this.used + count);
    this.used += count;
  }

  /** What is filled; the other buffer is filled from now on. */
  take(): Uint8Array {
    const full = this.current.subarray(0, this.used);
    [this.current, this.#other] = [this.#other, this.current];
    this.used = 0;
    return full;
  }
}
