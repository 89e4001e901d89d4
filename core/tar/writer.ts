/** Writing a tar of tree entries, in one pass over their content. */
import { openContent } from "../tree/content.ts";
import type { Entry, FileEntry } from "../model/entry.ts";
import { BLOCK, MAX_HEADER, headerSize, paddedSize, writeHeader } from "./header.ts";

/** Two zero blocks end an archive. */
export const END_SIZE = 2 * BLOCK;

/** Bytes of a chunk, at most. */
export const CHUNK = 1024 * 1024;

/** Bytes of the tar of these entries; reads no content. */
export function tarSize(entries: Iterable<Entry>): number {
  let total = END_SIZE;
  for (const entry of entries) total += headerSize(entry) + (entry.type === "file" ? paddedSize(entry.size) : 0);
  return total;
}

/**
 * The tar of these entries, in their order, in chunks of up to 1 MiB. A chunk stays valid until the one after the next
 * is asked for, so it can be written while the next is made. Throws `E_CONTENT_CHANGED` where a file is no longer what
 * it was when listed.
 */
export function tarChunks(entries: Iterable<Entry>): Generator<Uint8Array> {
  return pieceChunks(entries, true, takingTurns());
}

/**
 * A piece of a tar, the last one with the archive's end. `nextBuffer` gives the buffer of `CHUNK` bytes that is filled
 * next; it is not called before the last chunk was taken.
 */
export function* pieceChunks(
  entries: Iterable<Entry>,
  isLast: boolean,
  nextBuffer: () => Buffer,
): Generator<Uint8Array> {
  const buffer = new ChunkBuffer(nextBuffer);
  for (const entry of entries) {
    // The size is asked for only where it may matter.
    if (buffer.free < MAX_HEADER && buffer.free < headerSize(entry)) yield* buffer.flush();
    buffer.used += writeHeader(buffer.current, buffer.used, entry);
    if (entry.type === "file" && entry.size > 0) yield* contentChunks(entry, buffer);
  }
  if (isLast) {
    if (buffer.free < END_SIZE) yield* buffer.flush();
    buffer.zeros(END_SIZE);
  }
  if (buffer.used > 0) yield buffer.filled();
}

function takingTurns(): () => Buffer {
  let [next, other] = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)];
  return () => {
    [next, other] = [other, next];
    return next;
  };
}

/** Appends a file's content and padding. */
function* contentChunks(entry: FileEntry, buffer: ChunkBuffer): Generator<Uint8Array> {
  const reader = openContent(entry);
  try {
    let left = entry.size;
    while (left > 0) {
      if (buffer.free === 0) yield* buffer.flush();
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
  current: Buffer;
  used = 0;
  readonly #next: () => Buffer;

  constructor(next: () => Buffer) {
    this.#next = next;
    this.current = next();
  }

  get free(): number {
    return CHUNK - this.used;
  }

  zeros(count: number): void {
    this.current.fill(0, this.used, this.used + count);
    this.used += count;
  }

  filled(): Uint8Array {
    return this.current.subarray(0, this.used);
  }

  /** Hands out what is filled; once that was taken, another buffer is filled. */
  *flush(): Generator<Uint8Array> {
    yield this.filled();
    this.current = this.#next();
    this.used = 0;
  }
}
