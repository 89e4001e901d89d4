/**
 * Worker threads that make pieces of tar in memory which they share with the main thread. That one writes the headers,
 * any thread fills the contents in; a layer's pieces are hashed by one, in order. A slot is in one piece's hands from its dealing until the piece was
 * written, hashed and read: so the slots bound the memory, and nobody ever waits for one inside a thread.
 */
import { digestFromHex, type Digest } from "../model/digest.ts";
import { CHUNK, writeContent, writeFrame, type ContentPlace, type TarPiece } from "../tar/pieces.ts";
import { packContents } from "./packed-contents.ts";
import { workerThread, type WorkerThread } from "./worker-thread.ts";

/** MiB: while some are read, others are written and hashed. */
const SLOTS_OF_A_THREAD = 12;

export interface TarCrew {
  hasFreeSlot(): boolean;
  beginLayer(): CrewLayer;
  /** Starts the making of a layer's next piece. There must be a free slot. */
  beginPiece(layer: CrewLayer, piece: TarPiece, isLast: boolean): CrewPiece;
  /** Whoever waits for a piece gets this error, now and from now on. */
  fail(error: unknown): void;
  isBroken(): boolean;
  close(): Promise<void>;
}

/** A layer that is being hashed. */
export interface CrewLayer {
  readonly id: number;
  readonly hasher: WorkerThread;
  /** Settles once the thread has been asked to hash all pieces begun so far. */
  turn: Promise<void>;
}

export interface CrewPiece {
  readonly layer: CrewLayer;
  readonly isLast: boolean;
  /** Settles once it is written. The bytes stay what they are until `release`. */
  readonly bytes: Promise<Uint8Array>;
  /** The layer's digest, of its last piece. */
  readonly digest: Promise<Digest | undefined>;
  /** Nobody reads the bytes any more. */
  release(): void;
}

export function tarCrew(count: number, entry: URL, slotFreed: () => void): TarCrew {
  const slots = count * SLOTS_OF_A_THREAD;
  const memory = new SharedArrayBuffer(slots * CHUNK);
  const threads = Array.from({ length: count }, () => workerThread(entry, { slots: memory }));
  const free = Array.from({ length: slots }, (_, slot) => slot);
  let layers = 0;

  async function write(piece: TarPiece, slot: number): Promise<Uint8Array> {
    const target = Buffer.from(memory, slot * CHUNK, CHUNK);
    const { length, contents } = writeFrame(piece, target);
    for (const place of contents) if (isInMemory(place)) writeContent(place, target);
    const further = contents.filter((place) => !isInMemory(place));
    if (further.length > 0) {
      await leastBusy(threads).ask({ task: "tar", do: "fill", slot, contents: packContents(further) });
    }
    return new Uint8Array(memory, slot * CHUNK, length);
  }

  async function hashInTurn(layer: CrewLayer, slot: number, bytes: Promise<Uint8Array>, isLast: boolean) {
    const before = layer.turn;
    let endTurn!: () => void;
    layer.turn = new Promise((resolve) => (endTurn = resolve));
    let answer: Promise<unknown>;
    try {
      await before;
      const { length } = await bytes;
      answer = layer.hasher.ask({ task: "tar", do: "hash", layer: layer.id, slot, length, isLast });
    } finally {
      endTurn();
    }
    const hex = await answer;
    return typeof hex === "string" ? digestFromHex(hex) : undefined;
  }

  return {
    hasFreeSlot: () => free.length > 0,
    beginLayer() {
      const id = layers++;
      return { id, hasher: threads[id % threads.length]!, turn: Promise.resolve() };
    },
    beginPiece(layer, piece, isLast) {
      const slot = free.pop()!;
      const bytes = write(piece, slot);
      const digest = hashInTurn(layer, slot, bytes, isLast);
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      void Promise.allSettled([bytes, digest, released]).then(() => {
        free.push(slot);
        slotFreed();
      });
      return { layer, isLast, bytes, digest, release };
    },
    fail: (error) => threads.forEach((thread) => thread.fail(error)),
    isBroken: () => threads.some((thread) => thread.isBroken()),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

function leastBusy(threads: readonly WorkerThread[]): WorkerThread {
  return threads.reduce((best, each) => (each.pending() < best.pending() ? each : best));
}

function isInMemory({ file }: ContentPlace): boolean {
  return file.content.kind === "inline";
}
