/**
 * Compressing a stream in worker threads: pieces of one size, several at a time, handed on in their order. So the bytes
 * depend neither on the threads nor on how the input comes in.
 */
import type { Tasks } from "../model/tasks.ts";
import type { Store } from "../store/store.ts";
import { PIECE_BYTES, type Codec } from "./codec.ts";
import type { EncodedPiece, EncodePieceInput, EncodePieceOutput } from "./encoded-piece.ts";
import { frameOf } from "./frame.ts";
import { keptPieces } from "./kept-pieces.ts";
import { cutPieces, pieceSlots, type PieceSlot } from "./piece-slots.ts";

export interface CompressOptions {
  readonly tasks: Pick<Tasks, "inWorker" | "jobs">;
  /** Where compressed pieces are kept for the next time. */
  readonly store: Store;
  readonly signal: AbortSignal;
}

/** Pieces on their way: a bound for the memory, whatever the jobs. */
const MAX_RUNNING = 10;
/** Pieces that wait for a thread, so that none waits for a piece. */
const WAITING = 2;

/**
 * The compressed bytes of `chunks`, each of which has to stay valid until the next is asked for; what is given stays so
 * until the one after the next is. Memory: 2 MiB for each job and for four more, 24 MiB at most. Throws what a worker
 * throws; ending the iteration ends `chunks`.
 */
export async function* compressStream(
  chunks: AsyncIterable<Uint8Array>,
  codec: Codec,
  { tasks, store, signal }: CompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const frame = frameOf(codec);
  const kept = keptPieces(store, codec);
  const slots = pieceSlots(PIECE_BYTES);
  const width = Math.min(tasks.jobs + WAITING, MAX_RUNNING);
  const running: RunningPiece[] = [];
  /** Whose bytes the reader may have still. */
  let given: PieceSlot | undefined;

  async function encode({ memory, size }: PieceSlot): Promise<EncodedPiece> {
    const input: EncodePieceInput = { codec: codec.name, memory, size };
    const output = await tasks.inWorker<EncodePieceInput, EncodePieceOutput>("encodePiece", input);
    return { bytes: new Uint8Array(memory, 0, output.size), crc32: output.crc32 };
  }

  function begin(slot: PieceSlot): void {
    const encoded = kept.find(new Uint8Array(slot.memory, 0, slot.size), () => encode(slot));
    // Its failure is met in its turn; until then it must not count as unhandled.
    encoded.catch(() => {});
    running.push({ slot, encoded });
  }

  async function encodedFirst(): Promise<{ readonly slot: PieceSlot; readonly bytes: Uint8Array }> {
    const { slot, encoded } = running[0]!;
    const { bytes, crc32 } = await unlessAborted(encoded, signal);
    running.shift();
    frame.add(crc32, slot.size);
    return { slot, bytes };
  }

  async function* giveFirst(): AsyncGenerator<Uint8Array, void, undefined> {
    const { slot, bytes } = await encodedFirst();
    yield bytes;
    if (given) slots.release(given);
    given = slot;
  }

  /** Nobody is asked for anything behind it, so nobody would say when it is done with: it gets bytes of its own. */
  async function* giveLast(): AsyncGenerator<Uint8Array, void, undefined> {
    const { slot, bytes } = await encodedFirst();
    const copy = Uint8Array.from(bytes);
    slots.release(slot);
    yield copy;
  }

  try {
    if (frame.start.length > 0) yield frame.start;
    for await (const slot of cutPieces(chunks, slots, PIECE_BYTES)) {
      signal.throwIfAborted();
      begin(slot);
      if (running.length >= width) yield* giveFirst();
    }
    while (running.length > 1) yield* giveFirst();
    yield* giveLast();
    const end = frame.end();
    if (end.length > 0) yield end;
  } finally {
    if (given) slots.release(given);
    // A thread may be at work on them still.
    for (const { slot, encoded } of running) void encoded.finally(() => slots.release(slot)).catch(() => {});
  }
}

interface RunningPiece {
  readonly slot: PieceSlot;
  readonly encoded: Promise<EncodedPiece>;
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
