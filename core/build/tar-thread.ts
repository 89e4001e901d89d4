/** One worker thread that makes tar, as the main thread sees it: pieces go in, each comes back as filled slots. */
import { Worker } from "node:worker_threads";
import { messageOf } from "../error.ts";
import { chunkSlots, slotReader, type FilledSlot } from "./chunk-slots.ts";
import { errorOf, workerDied } from "./worker-failure.ts";
import type { PieceAnswer, PieceRequest } from "./worker-tar.ts";
import type { WorkerStart } from "./worker.ts";

export interface TarThread {
  /** Gives the thread one more piece to make. */
  make(request: PieceRequest): PieceInWork;
  /** From now on, only pieces of this stream are made. */
  want(stream: number): void;
  /** Whoever waits for a piece gets this error, now and from now on. */
  fail(error: unknown): void;
  isBroken(): boolean;
  ref(): void;
  unref(): void;
  close(): Promise<void>;
}

export interface PieceInWork {
  /** The piece's next slot, to be released by who asked; undefined at its end. */
  next(): Promise<FilledSlot | undefined>;
  /** Nobody will ask any more: what came and what will come is released. */
  drop(): void;
}

export function tarThread(entry: URL, slotCount: number): TarThread {
  const slots = chunkSlots(slotCount);
  const reader = slotReader(slots);
  const worker = new Worker(entry, { workerData: { slots } satisfies WorkerStart });
  // A thread that waits for work must not keep the process alive.
  worker.unref();
  /** What the thread has not answered to its end, in order. */
  const given: PieceQueue[] = [];
  let broken: { readonly error: unknown } | undefined;

  function fail(error: unknown): void {
    broken ??= { error };
    for (const piece of given) piece.fail(error);
  }

  worker.on("message", (answer: PieceAnswer) => {
    const piece = given[0]!;
    if (answer !== "end" && "length" in answer) return piece.add(reader.take(answer));
    given.shift();
    if (answer === "end") piece.add(undefined);
    else piece.fail(errorOf(answer));
  });
  worker.on("error", (error) => fail(workerDied("tar", messageOf(error))));
  worker.on("exit", (code) => fail(workerDied("tar", `exit code ${code}`)));

  return {
    make(request) {
      const piece = pieceQueue();
      given.push(piece);
      if (broken) piece.fail(broken.error);
      else worker.postMessage(request);
      return piece;
    },
    want: (stream) => reader.want(stream),
    fail,
    isBroken: () => broken !== undefined,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    async close() {
      fail(workerDied("tar", "it was closed"));
      // It may be waiting for a slot, which not every runtime's `terminate` breaks off.
      reader.want(NO_STREAM);
      await worker.terminate();
    },
  };
}

const NO_STREAM = -1;

interface PieceQueue extends PieceInWork {
  /** undefined ends the piece. */
  add(slot: FilledSlot | undefined): void;
  fail(error: unknown): void;
}

function pieceQueue(): PieceQueue {
  const came: (FilledSlot | undefined)[] = [];
  let failed: { readonly error: unknown } | undefined;
  let waiting: { resolve(slot: FilledSlot | undefined): void; reject(error: unknown): void } | undefined;
  let isDropped = false;
  return {
    next() {
      // What came behind a failure is not the piece: a thread that is closed ends it early.
      if (failed) return Promise.reject(failed.error);
      if (came.length > 0) return Promise.resolve(came.shift());
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    add(slot) {
      if (isDropped) slot?.release();
      else if (waiting) waiting.resolve(slot);
      else came.push(slot);
      waiting = undefined;
    },
    fail(error) {
      failed = { error };
      waiting?.reject(error);
      waiting = undefined;
    },
    drop() {
      isDropped = true;
      for (const slot of came.splice(0)) slot?.release();
    },
  };
}
