/** The shared cache that the command line or the config names. Without one, nothing of it is loaded. */
import { setMaxListeners } from "node:events";
import { ImageDslError } from "../error.ts";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { CacheContext } from "../pipeline/cache-definition.ts";
import type { Builder } from "../pipeline/plugin.ts";
import type { CacheKeys } from "../store/shared-cache/entry-signature.ts";
import type { SharedCache } from "../store/shared-cache/shared-cache.ts";
import type { SharedResults } from "../store/shared-cache/shared-results.ts";
import type { BuildOptions } from "./build-options.ts";

type Given = NonNullable<BuildOptions["sharedCache"]>;

/** Throws as `openPlace` does. */
export async function openSharedCache(
  builder: Builder,
  { sharedCache: configured }: BuildGraph,
  { sharedCache: given, noCache = false }: BuildOptions,
  { store, emit, signal, insecureHosts }: Pick<BuildContext, "store" | "emit" | "signal" | "insecureHosts">,
): Promise<SharedResults | undefined> {
  const place = sharedCacheOf(configured, given);
  if (place === undefined) return undefined;
  const stopping = new AbortController();
  const ending = AbortSignal.any([signal, stopping.signal]);
  setMaxListeners(0, ending);
  const opened = await openPlace(builder, place, { store, signal: ending, insecureHosts });
  const { sharedResults } = await import("../store/shared-cache/open-results.ts");
  return sharedResults({
    ...opened,
    store,
    emit,
    signal: ending,
    stop: () => stopping.abort(),
    reads: !noCache,
  });
}

/** What both say, the command line's words before the config's. */
export function sharedCacheOf(
  configured: SharedCacheOptions | undefined,
  given: Given = {},
): (SharedCacheOptions & Given) | undefined {
  const at = given.at ?? configured?.at;
  if (at === undefined) return undefined;
  return { ...given, at, publicKeys: given.publicKeys ?? configured?.publicKeys ?? [] };
}

/** Throws `E_USAGE` for a place that is none, and `E_SHARED_CACHE_KEY`. Nobody is asked anything yet. */
export async function openPlace(
  { caches }: Builder,
  { at, publicKeys = [], privateKey }: SharedCacheOptions & Given,
  context: Omit<CacheContext, "mayWrite">,
): Promise<{ readonly cache: SharedCache; readonly keys: CacheKeys }> {
  const definition = caches.get(at.split(":", 1)[0]!);
  if (definition === undefined) {
    throw new ImageDslError("E_USAGE", `"${at}" is no place for a shared cache`, {
      hint: `Write ${[...caches.values()].map(({ usage }) => usage).join(" or ")}`,
    });
  }
  definition.check(at);
  const { readPublicKey, readPrivateKey, publicKeyOf } = await import("../store/shared-cache/entry-signature.ts");
  const own = privateKey === undefined ? undefined : readPrivateKey(privateKey.text, privateKey.from);
  const trusted = [...publicKeys.map(readPublicKey), ...(own ? [publicKeyOf(own)] : [])];
  if (trusted.length === 0) {
    throw new ImageDslError("E_SHARED_CACHE_KEY", `Nothing says whose results in the shared cache ${at} are believed`, {
      hint: "Name their public key: --cache-public-key, or sharedCache.publicKeys of the config; image-dsl cache keygen FILE makes a pair",
    });
  }
  const cache = await definition.open(at, { ...context, mayWrite: own !== undefined });
  return { cache, keys: { trusted, ...(own && { own }) } };
}
