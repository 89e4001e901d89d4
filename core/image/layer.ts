/** A layer from its recipe: a tar that is made anew each time it is opened, and hashed while it streams. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ImageDslError } from "../error.ts";
import { digestFromHex, type Digest } from "../model/digest.ts";
import { tarChunks, tarSize } from "../tar/writer.ts";
import type { Layer, LayerRecipe } from "./image.ts";

/** Reading and hashing may be synchronous; this often (in chunks of 1 MiB) timers and signals get their turn. */
const TURN = 8;

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** `read` gives the recipe's tar where that is not made by this thread; the bytes are the same. */
export function recipeLayer(
  recipe: LayerRecipe,
  comment: string,
  signal: AbortSignal,
  read: () => Chunks = () => tarChunks(recipe.entries),
): Layer {
  let known: Digest | undefined;

  async function* open(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    let count = 0;
    for await (const chunk of read()) {
      if (++count % TURN === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
      hash.update(chunk);
      yield chunk;
    }
    const found = digestFromHex(hash.digest("hex"));
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
