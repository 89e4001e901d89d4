/** Writing a tar of tree entries, in one pass over their content. */
import type { Entry } from "../model/entry.ts";
import { headerSize, paddedSize } from "./header.ts";
import { CHUNK, END_SIZE, tarPieces, writeContent, writeFrame, type TarPiece } from "./pieces.ts";

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
export function* tarChunks(entries: Iterable<Entry>): Generator<Uint8Array> {
  const memory: Buffer[] = [];
  let count = 0;
  for (const piece of tarPieces(entries)) {
    const next = (memory[count++ % 2] ??= Buffer.allocUnsafeSlow(bound(piece)));
    const { length, contents } = writeFrame(piece, next);
    for (const place of contents) writeContent(place, next);
    yield next.subarray(0, length);
  }
}

/** Bytes of memory for it and all that follow. Images have many small layers, and what these do not need is garbage all the same. */
function bound(piece: TarPiece): number {
  return piece.kind === "entries" && piece.isEnd ? Math.min(tarSize(piece.entries), CHUNK) : CHUNK;
}
