/**
 * Memory that a worker thread fills and the main thread empties: slots as large as a chunk. The worker takes any free
 * slot, fills it, and announces it by a message; the main thread frees it once it is done with it. So a slot is only
 * ever in one thread's hands. The worker, which may block, waits where none is free.
 */
import { CHUNK } from "../tar/writer.ts";

export interface ChunkSlots {
  readonly bytes: SharedArrayBuffer;
  /** Words: `CHANGES`, `WANTED`, then one for each slot: 1 from its filling to its release. */
  readonly control: SharedArrayBuffer;
}

/** Counts every change of the other words by the main thread, to be waited for. */
const CHANGES = 0;
/** The stream whose pieces are wanted. */
const WANTED = 1;
const FIRST_SLOT = 2;

export function chunkSlots(count: number): ChunkSlots {
  return { bytes: new SharedArrayBuffer(count * CHUNK), control: new SharedArrayBuffer((FIRST_SLOT + count) * 4) };
}

/** A filled slot, in the main thread's hands until it is released. */
export interface FilledSlot {
  readonly bytes: Uint8Array;
  release(): void;
}

/** The main thread's end. */
export interface SlotReader {
  take(announced: Announcement): FilledSlot;
  /** From now on only pieces of this stream are made; a thread that waits to go on with another gives it up. */
  want(stream: number): void;
}

/** Which slot was filled, and with how many bytes. */
export type Announcement = readonly [slot: number, length: number];

export function slotReader({ bytes, control }: ChunkSlots): SlotReader {
  const words = new Int32Array(control);
  function tell(word: number, value: number): void {
    Atomics.store(words, word, value);
    Atomics.add(words, CHANGES, 1);
    Atomics.notify(words, CHANGES);
  }
  return {
    take: ([slot, length]) => ({
      bytes: new Uint8Array(bytes, slot * CHUNK, length),
      release: () => tell(FIRST_SLOT + slot, 0),
    }),
    want: (stream) => tell(WANTED, stream),
  };
}

/** The worker's end. */
export interface SlotWriter {
  /** A free slot to fill, as soon as there is one. Throws `PieceUnwanted` where the stream is no longer wanted. */
  next(stream: number): Buffer;
  /** The slot given last has so many bytes now: what to announce of it. */
  filled(length: number): Announcement;
}

/** What ends the making of a piece that is no longer wanted; never seen by users. */
export class PieceUnwanted extends Error {}

export function slotWriter({ bytes, control }: ChunkSlots): SlotWriter {
  const words = new Int32Array(control);
  let slot = 0;
  return {
    next(stream) {
      for (;;) {
        const changes = Atomics.load(words, CHANGES);
        if (Atomics.load(words, WANTED) !== stream) throw new PieceUnwanted();
        slot = words.subarray(FIRST_SLOT).findIndex((_, index) => Atomics.load(words, FIRST_SLOT + index) === 0);
        if (slot >= 0) return Buffer.from(bytes, slot * CHUNK, CHUNK);
        Atomics.wait(words, CHANGES, changes);
      }
    },
    filled(length) {
      Atomics.store(words, FIRST_SLOT + slot, 1);
      return [slot, length];
    },
  };
}
