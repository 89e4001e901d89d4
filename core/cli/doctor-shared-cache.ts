/** What `doctor --cache` says of a shared cache: whether it answers, and whether it may be written. */
import { messageOf } from "../error.ts";
import { openPlace } from "../engine/open-shared-cache.ts";
import { digestOf } from "../model/digest.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import { entryName } from "../store/shared-cache/open-results.ts";
import { readSharedCache, type SharedCacheArguments } from "./shared-cache-options.ts";

const TRIAL = Buffer.from("{}");

/** Throws `E_USAGE` and `E_SHARED_CACHE_KEY`. */
export async function checkSharedCache(
  builder: Builder,
  given: SharedCacheArguments & { readonly cache: string },
  insecureHosts: readonly string[],
  signal: AbortSignal,
): Promise<DoctorCheck> {
  const check = { name: "shared cache", purpose: "results of other machines" };
  const store = await openStore(storeDirectory());
  try {
    const place = { ...readSharedCache(given), at: given.cache };
    const { cache, keys } = await openPlace(builder, place, { store, signal, insecureHosts });
    try {
      await cache.lookup(entryName("doctor", ""));
    } catch (error) {
      return {
        ...check,
        state: "missing",
        detail: messageOf(error),
        mend: "see whether you are logged in, and its address",
      };
    }
    const answers = `${cache.place} answers`;
    if (keys.own === undefined)
      return { ...check, state: "ok", detail: `${answers}; nothing is published without a private key` };
    try {
      await cache.take({ digest: digestOf(TRIAL), size: TRIAL.length }, async function* () {
        yield TRIAL;
      });
    } catch (error) {
      return {
        ...check,
        state: "limited",
        detail: `${answers}, and takes nothing: ${messageOf(error)}`,
        mend: "log in as who may push there",
      };
    }
    return { ...check, state: "ok", detail: `${answers}, and may be written` };
  } finally {
    store.close();
  }
}
