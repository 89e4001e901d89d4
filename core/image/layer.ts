/** A layer from its recipe: a tar that is made anew each time it is opened, and hashed while it streams. */
import { createHash } from "node:crypto";
import { ImageDslError } from "../error.ts";
import { digestFromHex, type Digest } from "../model/digest.ts";
import { tarChunks, tarSize } from "../tar/writer.ts";
import { nextTurn } from "../tree/turns.ts";
import { changedFile } from "./changed-file.ts";
import type { Layer, LayerRecipe } from "./image.ts";

/** Chunks, each valid until the one after the next is asked for; at their end the sha256 of all. */
export type HashedChunks = AsyncGenerator<Uint8Array, Digest>;

/** Reading and hashing are synchronous; this often (in chunks of up to 1 MiB) timers and signals get their turn. */
const TURN = 8;

/** A recipe's tar, made in this thread. */
export async function* hashedTar({ entries }: LayerRecipe, signal: AbortSignal): HashedChunks {
  const hash = createHash("sha256");
  let count = 0;
  for (const chunk of tarChunks(entries)) {
    if (++count % TURN === 0) {
      await nextTurn();
      signal.throwIfAborted();
    }
    hash.update(chunk);
    yield chunk;
  }
  return digestFromHex(hash.digest("hex"));
}

export interface LayerReading {
  /** The recipe's tar, wherever that is made. */
  read(): HashedChunks;
  /** What the layer's bytes hang on. */
  readonly key?: string;
  /** The layer is not read for what is in it, and checked against it where it is read. */
  readonly memory?: LayerMemory;
  /** Waits for the digest that comes with the layer from elsewhere, where one does. */
  elsewhere?(): Promise<Digest | undefined>;
  /** The layer was read to its end for the first time, or came from elsewhere. */
  found?(diffID: Digest): void;
}

/** What readings of a layer found out; equal layers may have one together. */
export interface LayerMemory {
  diffID: Digest | undefined;
}

export function recipeLayer(recipe: LayerRecipe, comment: string, reading: LayerReading): Layer {
  const { memory = { diffID: undefined } } = reading;

  async function* open(): AsyncGenerator<Uint8Array> {
    const found = yield* reading.read();
    if (memory.diffID === undefined) {
      memory.diffID = found;
      reading.found?.(found);
    } else if (memory.diffID !== found) {
      memory.diffID = undefined;
      throw changed(recipe, comment);
    }
  }

  return {
    entries: recipe.entries,
    ...(reading.key !== undefined && { key: reading.key }),
    size: tarSize(recipe.entries),
    open,
    knownDiffID: () => memory.diffID,
    async diffID() {
      const made = memory.diffID === undefined ? await reading.elsewhere?.() : undefined;
      if (memory.diffID === undefined && made !== undefined) {
        memory.diffID = made;
        reading.found?.(made);
      }
      if (memory.diffID === undefined) for await (const _ of open());
      return memory.diffID!;
    },
  };
}

function changed(recipe: LayerRecipe, comment: string): ImageDslError {
  const file = changedFile(recipe);
  const what = file ?? "one of its files, though no time of any of them tells it,";
  return new ImageDslError(
    "E_CONTENT_CHANGED",
    `A layer (${comment}) is not what it was when it was read: ${what} changed`,
    {
      hint: "Build again when nothing writes to it; image-dsl cache verify finds damage in the cache",
    },
  );
}
