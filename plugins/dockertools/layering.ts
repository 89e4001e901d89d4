/** How the layered images' arguments choose a layering. */
import { ImageDslError, MAX_LAYERS } from "../../core/index.ts";
import type { ImageSpec } from "../../core/index.ts";
import type { ParsedStreamLayeredImageOptions } from "./options.ts";

const DEFAULT_MAX_LAYERS = 100;

/** A pipeline says itself how many layers it makes, so that without `maxLayers` it may make all that there can be. */
export function layeringOf({
  layering,
  layeringPipeline,
  maxLayers,
}: Pick<ParsedStreamLayeredImageOptions, "layering" | "layeringPipeline" | "maxLayers">): Pick<
  ImageSpec,
  "layering" | "layeringPipeline" | "maxLayers"
> {
  if (layeringPipeline === undefined || layeringPipeline === null) {
    if (layering !== "pipeline") return { layering: layering ?? "auto", maxLayers: maxLayers ?? DEFAULT_MAX_LAYERS };
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      'layering says "pipeline", but there is no layeringPipeline; give its steps there, without layering',
    );
  }
  if (layering !== undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      `layering says "${layering}", but there is a layeringPipeline too; leave one of them out`,
    );
  }
  return { layering: "pipeline", layeringPipeline, maxLayers: Math.min(maxLayers ?? MAX_LAYERS, MAX_LAYERS) };
}
