/** Cutting a stream into pieces of one size, in memory that worker threads share. */
import { encodedBound } from "./encode-piece.ts";

/** Memory for one piece. */
export interface PieceSlot {
  readonly memory: SharedArrayBuffer;
  /** Bytes of the piece that are there. */
  size: number;
}

export interface PieceSlots {
  take(): PieceSlot;
  /** Nobody uses its memory any more. */
  release(slot: PieceSlot): void;
}

/** Of slots that nobody uses, over all streams: an image has many layers, and new memory for each is garbage for long. */
const free: PieceSlot[] = [];
const MAX_FREE = 12;

export function pieceSlots(pieceBytes: number): PieceSlots {
  const bound = encodedBound(pieceBytes);
  return {
    take() {
      const found = free.findIndex(({ memory }) => memory.byteLength === bound);
      const slot = found < 0 ? { memory: new SharedArrayBuffer(bound), size: 0 } : free.splice(found, 1)[0]!;
      slot.size = 0;
      return slot;
    },
    release(slot) {
      if (free.length < MAX_FREE) free.push(slot);
    },
  };
}

/** The chunks' bytes in pieces of `pieceBytes`; the last one may be smaller. No bytes are one piece of none. */
export async function* cutPieces(
  chunks: AsyncIterable<Uint8Array>,
  slots: PieceSlots,
  pieceBytes: number,
): AsyncGenerator<PieceSlot, void, undefined> {
  let filling: PieceSlot | undefined;
  let count = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length;) {
      filling ??= slots.take();
      const part = chunk.subarray(offset, offset + pieceBytes - filling.size);
      new Uint8Array(filling.memory).set(part, filling.size);
      filling.size += part.length;
      offset += part.length;
      if (filling.size < pieceBytes) continue;
      yield filling;
      filling = undefined;
      count++;
    }
  }
  if (filling || count === 0) yield filling ?? slots.take();
}
