/** A layer from its recipe: a tar that is made anew each time it is opened, and hashed while it streams. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ImageDslError } from "../error.ts";
import { digestFromHex, type Digest } from "../model/digest.ts";
import { tarChunks, tarSize } from "../tar/writer.ts";
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

/** `read` gives the recipe's tar, wherever that is made. */
export function recipeLayer(recipe: LayerRecipe, comment: string, read: () => HashedChunks): Layer {
  let known: Digest | undefined;

  async function* open(): AsyncGenerator<Uint8Array> {
    const found = yield* read();
    if (known !== undefined && known !== found) {
      throw new ImageDslError("E_CONTENT_CHANGED", `A layer (${comment}) changed between two readings of its files`, {
        hint: "Build again when nothing writes to them",
      });
    }
    known = found;
  }

  return {
    recipe,
    comment,
    size: tarSize(recipe.entries),
    open,
    async diffID() {
      if (known === undefined) for await (const _ of open());
      return known!;
    },
  };
}
