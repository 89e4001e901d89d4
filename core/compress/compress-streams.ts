/**
 * Compressing streams one after the other in worker threads: pieces of one size, several at a time, handed on in their
 * order. So the bytes depend neither on the threads nor on how the input comes in. Pieces are begun as far ahead of the one
 * that is read as there are slots of memory, across the border of streams: no thread waits for the end of one.
 */
import type { LayerPlaces } from "../model/made-layer.ts";
import type { Tasks } from "../model/tasks.ts";
import type { SharedResults } from "../store/shared-cache/shared-results.ts";
import type { Store } from "../store/store.ts";
import { PIECE_BYTES, type Codec } from "./codec.ts";
import type { EncodedPiece, EncodePieceInput, EncodePieceOutput } from "./encoded-piece.ts";
import { frameOf } from "./frame.ts";
import { keptPieces, NO_KEPT_PIECES } from "./kept-pieces.ts";
import { pieceQueue, type Piece, type PieceQueue } from "./piece-queue.ts";
import { cutPieces, pieceSlots, type PieceSlot } from "./piece-slots.ts";

/** What compressing in threads needs of a build; a `BuildContext` has all of it. */
export interface CompressOptions extends StreamOptions {
  /** Where compressed pieces are kept for the next time. */
  readonly store: Store;
  /** What other machines know of compressed layers. */
  readonly shared?: SharedResults;
  /** Where layers are made, where that is not only here. */
  readonly layerPlaces?: LayerPlaces;
}

export interface StreamOptions {
  /** Pieces are compressed in its threads, as many at a time as it has `jobs`. */
  readonly tasks: Pick<Tasks, "inWorker" | "jobs">;
  /** Without one, no piece is kept. */
  readonly store?: Store;
  /** Once it fires, the stream throws its reason. */
  readonly signal: AbortSignal;
}

export interface StreamSource {
  readonly index: number;
  /** Each has to stay valid until the next is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface CompressedStreams {
  /**
   * The compressed bytes of a stream that was begun, once, and before those of any later one. Each chunk is valid until the one
   * after the next is asked for.
   * Throws what its input or a worker throws; ending the iteration ends the input.
   */
  read(index: number): AsyncGenerator<Uint8Array, void, undefined> | undefined;
  /** Somebody reads what is still being begun. */
  isBeingRead(): boolean;
  /** Nothing is begun any more, and what nobody reads is dropped. */
  end(): Promise<void>;
}

/** A bound for the memory, whatever the jobs. */
const MAX_PIECES = 12;
/** Pieces of 2 MiB that are filled, wait for a thread, or are read, while each thread has one. */
const WAITING = 4;

export function compressStreams(
  first: StreamSource,
  following: Iterable<StreamSource> | AsyncIterable<StreamSource>,
  codec: Codec,
  { tasks, store, signal }: StreamOptions,
): CompressedStreams {
  const kept = store === undefined ? NO_KEPT_PIECES : keptPieces(store, codec);
  const slots = pieceSlots(PIECE_BYTES, Math.min(tasks.jobs + WAITING, MAX_PIECES));
  const unread = new Map<number, PieceQueue>();
  let beginning: PieceQueue | undefined;
  let areAllBegun = false;
  const begun = beginAll();

  async function beginAll(): Promise<void> {
    const abort = (): void => slots.close(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      await begin(first);
      for await (const source of following) await begin(source);
      areAllBegun = true;
    } catch {
      // Whoever wants the stream that failed meets its failure; no other is begun ahead.
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async function begin({ index, chunks }: StreamSource): Promise<void> {
    const queue = pieceQueue();
    unread.set(index, queue);
    beginning = queue;
    try {
      for await (const slot of cutPieces(chunks, slots, PIECE_BYTES)) {
        queue.add(beginPiece(slot));
        signal.throwIfAborted();
      }
      queue.end();
    } catch (error) {
      queue.end({ error });
      throw error;
    }
  }

  function beginPiece(slot: PieceSlot): Piece {
    const { encoded, isKept } = kept.find(new Uint8Array(slot.memory, 0, slot.size), () => encode(slot));
    // Its failure is met in its turn; until then it must not count as unhandled.
    const isDone = Promise.allSettled([encoded, isKept]).then(([{ status }]) => status === "fulfilled");
    return { slot, encoded, isDone };
  }

  async function encode({ memory, size }: PieceSlot): Promise<EncodedPiece> {
    const input: EncodePieceInput = { codec: codec.name, memory, size };
    const output = await tasks.inWorker<EncodePieceInput, EncodePieceOutput>("encodePiece", input);
    return { bytes: new Uint8Array(memory, 0, output.size), crc32: output.crc32 };
  }

  async function* read(queue: PieceQueue): AsyncGenerator<Uint8Array, void, undefined> {
    const frame = frameOf(codec);
    /** Whose bytes the reader may have still. */
    let given: Piece | undefined;
    let next: Piece | undefined;
    try {
      if (frame.start.length > 0) yield frame.start;
      for (let isLast = false; !isLast;) {
        ({ piece: next, isLast } = await queue.next());
        const { bytes, crc32 } = await unlessAborted(next.encoded, signal);
        frame.add(crc32, next.slot.size);
        // Nobody is asked for anything behind the last one, so nobody would say when it is done with: it gets bytes of its own.
        yield isLast ? bytes.slice() : bytes;
        if (given) release(given);
        given = next;
        next = undefined;
      }
      const end = frame.end();
      if (end.length > 0) yield end;
      // Nothing is being written when the last of them ends.
      if (areAllBegun && unread.size === 0) await kept.settled();
    } finally {
      for (const piece of [given, next, ...queue.drop()]) if (piece) release(piece);
      if (!queue.isEnded()) await end();
    }
  }

  /** Its compressed bytes have become known elsewhere, so nobody asks for them: the memory may be what a later one waits for. */
  function pass(index: number): void {
    unread.get(index)?.drop().forEach(release);
    unread.delete(index);
  }

  /** A thread may be at work on it still, and after an abort nobody knows for how long. */
  function release({ slot, isDone }: Piece): void {
    void isDone.then((isFree) => (isFree ? slots.release(slot) : slots.abandon()));
  }

  async function end(): Promise<void> {
    slots.close(new Error("Nobody reads this stream"));
    for (const queue of unread.values()) queue.drop().forEach(release);
    unread.clear();
    await begun;
  }

  return {
    read(index) {
      const queue = unread.get(index);
      if (queue === undefined) return undefined;
      for (const earlier of [...unread.keys()].filter((each) => each < index)) pass(earlier);
      unread.delete(index);
      return read(queue);
    },
    isBeingRead: () => beginning !== undefined && !beginning.isEnded() && ![...unread.values()].includes(beginning),
    end,
  };
}

/** A thread is not interrupted, but nobody waits for it. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  let stop!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
