/** Whether a shared cache can be used, found out by asking it for something that nobody publishes, and giving it something that all have. */
import { digestOf } from "../../model/digest.ts";
import { oneChunk } from "../../model/one-chunk.ts";
import { entryName } from "./entry-contents.ts";
import type { SharedCache } from "./shared-cache.ts";

const TRIAL = Buffer.from("{}");

/** Throws what looking something up would. */
export async function tryReading(cache: SharedCache): Promise<void> {
  await cache.lookup(entryName("doctor", ""));
}

/** Throws what publishing would. */
export async function tryWriting(cache: SharedCache): Promise<void> {
  await cache.take({ digest: digestOf(TRIAL), size: TRIAL.length }, () => oneChunk(TRIAL));
}
