/**
 * Layers' tars from worker threads. Pieces are given out in order, as far ahead of the one that is read as there are
 * free slots, and taken back in the same order: so the bytes do not depend on which thread was fast, and while one
 * layer is read the next ones are made and hashed.
 */
import type { HashedChunks } from "../image/layer.ts";
import type { LayerRecipe } from "../image/image.ts";
import { tarPieces, type TarPiece } from "../tar/pieces.ts";
import { tarCrew, type CrewLayer, type CrewPiece, type TarCrew } from "./tar-crew.ts";

/** More threads than this only wait for memory, disk and the main thread. */
export const MAX_TAR_THREADS = 4;

export interface TarThreads {
  /** Starts the threads, so that they are up when first needed. */
  start(): void;
  /** Begins to make these layers, in place of an earlier stream's. Gives undefined while one of those is being read. */
  open(recipes: readonly LayerRecipe[]): TarStream | undefined;
  close(): Promise<void>;
}

/** Layers on their way. There is one stream at a time. */
export interface TarStream {
  /** Not while a layer is read, not after it broke off, not once another stream was opened. */
  isReady(): boolean;
  /** The next layer; each chunk is valid until the one after the next is asked for. */
  readLayer(): HashedChunks;
}

export function tarThreads(count: number, signal: AbortSignal, worker: URL): TarThreads {
  let crew: TarCrew | undefined;
  let current: RunningStream | undefined;
  /** What a reader may still be using, whichever stream it came from. */
  const inUse: CrewPiece[] = [];

  function start(): TarCrew {
    if (crew?.isBroken()) void crew.close();
    else if (crew) return crew;
    crew = tarCrew(count, worker, () => current?.deal());
    return crew;
  }

  const abort = (): void => crew?.fail(signal.reason);
  signal.addEventListener("abort", abort);

  return {
    start: () => void start(),
    open(recipes) {
      if (current?.isBeingRead()) return undefined;
      current?.end();
      current = runStream(start(), recipes, inUse);
      current.deal();
      return current;
    },
    async close() {
      signal.removeEventListener("abort", abort);
      await crew?.close();
    },
  };
}

interface RunningStream extends TarStream {
  isBeingRead(): boolean;
  /** Gives out pieces as long as there are free slots. */
  deal(): void;
  end(): void;
}

function runStream(crew: TarCrew, recipes: readonly LayerRecipe[], inUse: CrewPiece[]): RunningStream {
  const pieces = piecesOf(recipes, crew);
  const ahead: CrewPiece[] = [];
  let state: "ready" | "being read" | "ended" = "ready";
  let dealt = (): void => {};

  function deal(): void {
    if (state === "ended") return;
    while (crew.hasFreeSlot()) {
      const { value, done } = pieces.next();
      if (done) return;
      ahead.push(crew.beginPiece(value.layer, value.piece, value.isLast));
      dealt();
    }
  }

  async function* readChunks(): HashedChunks {
    try {
      for (;;) {
        // At its start, the slots may all be in the hands of an earlier stream's pieces.
        while (ahead.length === 0) await new Promise<void>((resolve) => (dealt = resolve));
        const piece = ahead[0]!;
        const bytes = await piece.bytes;
        inUse.push(ahead.shift()!);
        while (inUse.length > 2) inUse.shift()!.release();
        yield bytes;
        if (!piece.isLast) continue;
        const digest = await piece.digest;
        state = "ready";
        return digest!;
      }
    } finally {
      if (state === "being read") end();
    }
  }

  /** What was begun ahead gives its slots back. */
  function end(): void {
    state = "ended";
    const dropped = ahead.splice(0);
    for (const piece of dropped) piece.release();
    for (const { turn, hasher, id } of new Set(dropped.map(({ layer }) => layer))) {
      void turn.then(() => hasher.ask({ task: "tar", do: "forget", layer: id })).catch(() => {});
    }
  }

  return {
    isReady: () => state === "ready",
    isBeingRead: () => state === "being read",
    deal,
    end,
    readLayer() {
      // At once, not when the first chunk is asked for: another may be about to read the same.
      state = "being read";
      return readChunks();
    },
  };
}

interface LayerPiece {
  readonly layer: CrewLayer;
  readonly piece: TarPiece;
  readonly isLast: boolean;
}

function* piecesOf(recipes: readonly LayerRecipe[], crew: TarCrew): Generator<LayerPiece> {
  for (const { entries } of recipes) {
    const layer = crew.beginLayer();
    for (const piece of tarPieces(entries)) {
      yield { layer, piece, isLast: piece.kind === "entries" && piece.isEnd };
    }
  }
}
