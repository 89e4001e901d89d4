/** Layers that other machines have made: found and published by recipes in which files of the host count by their bytes. */
import { digestOf, hexOf, isDigest, type Digest } from "../model/digest.ts";
import { canonicalJson } from "../model/json.ts";
import type { StageContext } from "../pipeline/hooks.ts";
import type { SharedResults } from "../store/shared-cache/shared-results.ts";
import { haveSameBytes, portableDigest } from "../tree/portable-digest.ts";
import { inTurns } from "../tree/turns.ts";
import type { DatedLayer } from "./build-history.ts";
import { filesThatMayChangeUnseen } from "./layer-key.ts";

/** By portable key, the layer's diffID. */
const KIND = "layers";

export interface SharedLayers {
  /** By the layers' indexes: what was known before, and what others know. */
  readonly known: readonly (Digest | undefined)[];
  /** Why nothing is known of a layer, for people. */
  reason(index: number): readonly string[];
  /** Tells others of a layer that was read to its end. */
  keep(index: number, diffID: Digest): void;
}

/** `local`: what this machine knows. `started`: when the build began, in milliseconds since 1970. */
export async function sharedLayers(
  layers: readonly DatedLayer[],
  local: readonly (Digest | undefined)[],
  { code, started }: { readonly code: string; readonly started: number },
  shared: SharedResults,
  { signal, tasks }: Pick<StageContext, "signal" | "tasks">,
): Promise<SharedLayers> {
  const keys = new Map<number, string>();
  for (const [index, { recipe }] of layers.entries()) {
    if (local[index] !== undefined) continue;
    const entries = await inTurns(portableDigest(recipe.entries), signal);
    keys.set(index, hexOf(digestOf(canonicalJson({ code, entries }))));
  }
  const known = await tasks.map("net", [...layers.keys()], async (index) => {
    const key = keys.get(index);
    const found = key === undefined ? local[index] : await shared.find(KIND, key);
    return isDigest(found) ? found : undefined;
  });
  return {
    known,
    reason(index) {
      const key = keys.get(index);
      const reason = key === undefined ? undefined : shared.reason(KIND, key);
      return reason === undefined ? [] : [reason];
    },
    keep(index, diffID) {
      const key = keys.get(index);
      if (key === undefined) return;
      const files = filesThatMayChangeUnseen(layers[index]!.recipe, started);
      // Between the digests and the tar they may have changed without a trace.
      shared.keep(KIND, key, diffID, { isTrue: () => inTurns(haveSameBytes(files), signal) });
    },
  };
}
