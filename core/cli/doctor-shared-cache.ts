/** What `doctor` says of a shared cache: whether it answers, and whether it may be written. */
import { ImageDslError, messageOf } from "../error.ts";
import { openPlace, sharedCacheOf } from "../engine/open-shared-cache.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { CacheContext } from "../pipeline/cache-definition.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { openStore } from "../store/disk-store.ts";
import { storeDirectory } from "../store/location.ts";
import { tryReading, tryWriting } from "../store/shared-cache/try-cache.ts";
import { readSharedCache, type SharedCacheArguments } from "./shared-cache-options.ts";

const CHECK = { name: "shared cache", purpose: "results of other machines" };

/** Undefined where neither the command line nor the config names one. Throws `E_USAGE`, and `E_SHARED_CACHE_KEY` for a key's file that cannot be read. */
export async function checkSharedCache(
  builder: Builder,
  configured: SharedCacheOptions | undefined,
  given: SharedCacheArguments,
  context: Pick<CacheContext, "insecureHosts" | "signal">,
): Promise<DoctorCheck | undefined> {
  const place = sharedCacheOf(configured, readSharedCache(given));
  if (place === undefined) return undefined;
  const store = await openStore(storeDirectory());
  try {
    return await examined(builder, place, { ...context, store });
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code !== "E_SHARED_CACHE_KEY") throw error;
    return {
      ...CHECK,
      state: "missing",
      detail: messageOf(error),
      ...(error.hint !== undefined && { mend: error.hint }),
    };
  } finally {
    store.close();
  }
}

async function examined(
  builder: Builder,
  place: Parameters<typeof openPlace>[1],
  context: Omit<CacheContext, "mayWrite">,
): Promise<DoctorCheck> {
  const { cache, keys } = await openPlace(builder, place, context);
  try {
    await tryReading(cache);
  } catch (error) {
    const mend = "see whether you are logged in, and its address";
    return { ...CHECK, state: "missing", detail: messageOf(error), mend };
  }
  const answers = `${cache.place} answers`;
  if (keys.own === undefined) {
    return { ...CHECK, state: "ok", detail: `${answers}; nothing is published without a private key` };
  }
  try {
    await tryWriting(cache);
  } catch (error) {
    const mend = "log in as who may push there";
    return { ...CHECK, state: "limited", detail: `${answers}, and takes nothing: ${messageOf(error)}`, mend };
  }
  return { ...CHECK, state: "ok", detail: `${answers}, and may be written` };
}
