/** How the layered images' arguments choose a layering. */
import { ImageDslError, layerChoice } from "../../core/index.ts";
import type { ImageSpec } from "../../core/index.ts";
import type { ParsedStreamLayeredImageOptions } from "./options.ts";

/** Throws `E_CONFIG_INVALID` where two of them say it, or neither. */
export function layeringOf({
  layering,
  layeringPipeline,
  maxLayers,
}: Pick<ParsedStreamLayeredImageOptions, "layering" | "layeringPipeline" | "maxLayers">): Pick<
  ImageSpec,
  "layering" | "layeringPipeline" | "maxLayers"
> {
  if (layeringPipeline === undefined || layeringPipeline === null) {
    if (layering !== "pipeline") return layerChoice(layering, undefined, maxLayers);
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
  return layerChoice(undefined, layeringPipeline, maxLayers);
}
