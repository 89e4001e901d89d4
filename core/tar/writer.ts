/** Writing a tar of tree entries, in one pass over their content. */
import type { Entry } from "../model/entry.ts";
import { headerSize, paddedSize } from "./header.ts";
import { CHUNK, END_SIZE, tarPieces, writeContent, writeFrame } from "./pieces.ts";

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
  let [next, other] = [Buffer.allocUnsafeSlow(CHUNK), Buffer.allocUnsafeSlow(CHUNK)];
  for (const piece of tarPieces(entries)) {
    [next, other] = [other, next];
    const { length, contents } = writeFrame(piece, next);
    for (const place of contents) writeContent(place, next);
    yield next.subarray(0, length);
  }
}
