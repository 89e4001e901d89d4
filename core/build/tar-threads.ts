/**
 * Making tar in worker threads. Pieces are dealt out to the threads in turn, each thread makes its own in order, and
 * they are taken back in the order of the pieces: so the bytes do not depend on who was fast. A few pieces are given
 * out ahead of the one being read, and a thread that has no free slot waits: that bounds the memory.
 */
import type { FilledSlot } from "./chunk-slots.ts";
import type { TarPiece } from "../tar/pieces.ts";
import { tarThread, type PieceInWork, type TarThread } from "./tar-thread.ts";

/** Threads beyond this would wait for the one that hashes. */
export const MAX_TAR_THREADS = 4;
/** Chunks of 1 MiB that each thread may have filled: 32 MiB in all at most. */
const SLOTS = 8;
/** Pieces that each thread is given ahead. */
const AHEAD = 4;

export interface TarThreads {
  /** Starts the threads, so that they are up when first needed. */
  start(): void;
  /** Begins to make these pieces, in place of an earlier stream's. Gives undefined while that one is being read. */
  open(pieces: Iterator<TarPiece>): TarStream | undefined;
  close(): Promise<void>;
}

/** Pieces on their way. There is one stream at a time. */
export interface TarStream {
  /** Not while a layer is read, not after it broke off, not once another stream was opened. */
  isReady(): boolean;
  /** The chunks of the next layer; each is valid until the one after the next is asked for. */
  readLayer(): AsyncGenerator<Uint8Array>;
}

export function tarThreads(count: number, signal: AbortSignal, worker: URL): TarThreads {
  let threads: readonly TarThread[] = [];
  let current: ReturnType<typeof tarStream> | undefined;
  let streams = 0;
  /** The chunks that a reader may still be using, whichever stream they came from. */
  const inUse: FilledSlot[] = [];

  function start(): void {
    if (threads.length > 0 && !threads.some((thread) => thread.isBroken())) return;
    void endThreads();
    threads = Array.from({ length: count }, () => tarThread(worker, SLOTS));
  }

  async function endThreads(): Promise<void> {
    const ending = threads;
    threads = [];
    await Promise.all(ending.map((thread) => thread.close()));
  }

  const abort = (): void => threads.forEach((thread) => thread.fail(signal.reason));
  signal.addEventListener("abort", abort);

  return {
    start,
    open(pieces) {
      if (current?.isBeingRead()) return undefined;
      current?.end();
      start();
      current = tarStream(++streams, threads, pieces, inUse);
      return current;
    },
    async close() {
      signal.removeEventListener("abort", abort);
      await endThreads();
    },
  };
}

function tarStream(id: number, threads: readonly TarThread[], pieces: Iterator<TarPiece>, inUse: FilledSlot[]) {
  const ahead: { readonly work: PieceInWork; readonly isLast: boolean }[] = [];
  let sent = 0;
  let state: "ready" | "being read" | "ended" = "ready";

  function send(): void {
    while (ahead.length < threads.length * AHEAD) {
      const { value: piece, done } = pieces.next();
      if (done) return;
      const thread = threads[sent++ % threads.length]!;
      ahead.push({ work: thread.make({ ...piece, stream: id }), isLast: piece.isLast });
    }
  }

  async function* readPiece(work: PieceInWork): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (inUse.length > 1) inUse.shift()!.release();
      const slot = await work.next();
      if (slot === undefined) return;
      inUse.push(slot);
      yield slot.bytes;
    }
  }

  async function* layerChunks(): AsyncGenerator<Uint8Array> {
    for (const thread of threads) thread.ref();
    try {
      for (let isLast = false; !isLast;) {
        const next = ahead[0]!;
        yield* readPiece(next.work);
        ({ isLast } = next);
        ahead.shift();
        send();
      }
      state = "ready";
    } finally {
      for (const thread of threads) thread.unref();
      if (state === "being read") end();
    }
  }

  /** What was made ahead gives its slots back. */
  function end(): void {
    state = "ended";
    for (const { work } of ahead.splice(0)) work.drop();
  }

  for (const thread of threads) thread.want(id);
  send();
  return {
    isReady: () => state === "ready",
    isBeingRead: () => state === "being read",
    end,
    readLayer() {
      // At once, not when the first chunk is asked for: another may be about to read the same.
      state = "being read";
      return layerChunks();
    },
  } satisfies TarStream & { isBeingRead(): boolean; end(): void };
}
