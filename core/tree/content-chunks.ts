/** The bytes of many files, one behind the other, as if they were one. */
import type { Hash } from "node:crypto";
import type { FileEntry } from "../model/entry.ts";
import { openContent } from "./content.ts";
import type { Pausing } from "./turns.ts";

const CHUNK = 1024 * 1024;

/** Gives others their turn between chunks. Throws `E_CONTENT_CHANGED` and `E_CONTENT_UNREADABLE`. */
export function* hashContents(files: readonly FileEntry[], hash: Hash): Pausing<void> {
  for (const chunk of contentChunks(files)) {
    hash.update(chunk);
    yield;
  }
}

/** The same for those who wait between chunks; a chunk is valid until the next one is asked for. */
export async function* streamContents(files: readonly FileEntry[], signal: AbortSignal): AsyncIterable<Uint8Array> {
  for (const chunk of contentChunks(files)) {
    signal.throwIfAborted();
    yield chunk;
  }
}

function* contentChunks(files: readonly FileEntry[]): Iterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (const entry of files) {
    const reader = openContent(entry);
    try {
      for (let left = entry.size; left > 0;) {
        const count = reader.read(buffer, 0, Math.min(left, CHUNK));
        left -= count;
        yield buffer.subarray(0, count);
      }
      reader.finish();
    } finally {
      reader.close();
    }
  }
}
