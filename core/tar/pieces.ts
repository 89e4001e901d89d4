/** A layer's entries in pieces that several threads can turn into tar at the same time. */
import type { Entry } from "../model/entry.ts";

/** Large enough that handing a piece over costs nothing beside it, small enough that threads take turns evenly. */
const PIECE_BYTES = 2 * 1024 * 1024;
/** Opening a file costs about as much as reading 32 KiB. */
const ENTRY_BYTES = 32 * 1024;

export interface TarPiece {
  readonly entries: readonly Entry[];
  /** The archive's end belongs to it. */
  readonly isLast: boolean;
}

/** Runs of whole entries, in order; a piece is longer than its measure only where one file is. */
export function* tarPieces(entries: readonly Entry[]): Generator<TarPiece> {
  let start = 0;
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    if (bytes >= PIECE_BYTES) {
      yield { entries: entries.slice(start, index), isLast: false };
      start = index;
      bytes = 0;
    }
    bytes += ENTRY_BYTES + (entry.type === "file" ? entry.size : 0);
  }
  yield { entries: entries.slice(start), isLast: true };
}
