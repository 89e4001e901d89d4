/** Cutting a stream into pieces of one size, in memory that worker threads share. */
import { encodedBound } from "./encode-piece.ts";

/** Memory for one piece. */
export interface PieceSlot {
  readonly memory: SharedArrayBuffer;
  /** Bytes of the piece that are there. */
  size: number;
}

export interface PieceSlots {
  /** Waits until there is a free one. Throws what they were closed with. */
  take(): Promise<PieceSlot>;
  /** Nobody uses its memory any more. */
  release(slot: PieceSlot): void;
  /** Its memory is never used again: a thread that was given up may write to it still. */
  abandon(): void;
  /** None is given out any more. */
  close(reason: unknown): void;
}

/** Of slots that nobody uses, over all streams: an image has many layers, and new memory for each is garbage for long. */
const free: PieceSlot[] = [];
const MAX_FREE = 12;

/** At most `count` at a time, each for a piece of `pieceBytes`. */
export function pieceSlots(pieceBytes: number, count: number): PieceSlots {
  const bound = encodedBound(pieceBytes);
  let inUse = 0;
  let closed: { readonly reason: unknown } | undefined;
  let changed = (): void => {};
  const mayTake = (): boolean => inUse < count || closed !== undefined;
  return {
    async take() {
      while (!mayTake()) await new Promise<void>((resolve) => (changed = resolve));
      if (closed !== undefined) throw closed.reason;
      inUse++;
      const found = free.findIndex(({ memory }) => memory.byteLength === bound);
      const slot = found < 0 ? { memory: new SharedArrayBuffer(bound), size: 0 } : free.splice(found, 1)[0]!;
      slot.size = 0;
      return slot;
    },
    release(slot) {
      inUse--;
      if (free.length < MAX_FREE) free.push(slot);
      changed();
    },
    abandon() {
      inUse--;
      changed();
    },
    close(reason) {
      closed ??= { reason };
      changed();
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
  try {
    for await (const chunk of chunks) {
      for (let offset = 0; offset < chunk.length;) {
        filling ??= await slots.take();
        const part = chunk.subarray(offset, offset + pieceBytes - filling.size);
        new Uint8Array(filling.memory).set(part, filling.size);
        filling.size += part.length;
        offset += part.length;
        if (filling.size < pieceBytes) continue;
        const full = filling;
        filling = undefined;
        count++;
        yield full;
      }
    }
  } catch (error) {
    if (filling !== undefined) slots.release(filling);
    throw error;
  }
  if (filling !== undefined || count === 0) yield filling ?? (await slots.take());
}
