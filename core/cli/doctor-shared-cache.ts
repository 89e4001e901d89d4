/** What `doctor --cache` says of a shared cache: whether it answers, and whether it may be written. */
import { messageOf } from "../error.ts";
import { openPlace } from "../engine/open-shared-cache.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import { tryReading, tryWriting } from "../store/shared-cache/try-cache.ts";
import { readSharedCache, type SharedCacheArguments } from "./shared-cache-options.ts";

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
      await tryReading(cache);
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
      await tryWriting(cache);
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
