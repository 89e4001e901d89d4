/**
 * What a layer is known by: the digest of its recipe. A recipe holds where each content is and, of host files, their
 * stat: the same key means the same bytes, and whoever reads the layer all the same compares them.
 */
import type { LayerRecipe } from "../image/image.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import type { Entry } from "../model/entry.ts";
import { canonicalJson } from "../model/json.ts";
import { CLOCK_GRANULARITY } from "../tree/content.ts";
import { entriesDigest } from "../tree/digest.ts";

/** 64 hex digits. `code`: who makes the bytes, since other code may make others. */
export function layerKey({ entries }: LayerRecipe, code: string): string {
  return hexOf(digestOf(canonicalJson({ code, entries: entriesDigest(entries) })));
}

/** Whether a file of the layer may have other bytes and the same stat by now. `listed`: when listing began, in milliseconds since 1970. */
export function mayChangeUnseen(recipe: LayerRecipe, listed: number): boolean {
  return filesThatMayChangeUnseen(recipe, listed).length > 0;
}

export function filesThatMayChangeUnseen({ entries }: LayerRecipe, listed: number): readonly Entry[] {
  return entries.filter(
    (entry) =>
      entry.type === "file" &&
      entry.content.kind === "host" &&
      entry.content.identity === undefined &&
      entry.content.stat.ctimeMs >= listed - CLOCK_GRANULARITY,
  );
}
