/** How an image's files are shared out among layers, where some of it was said. */
import type { ImageSpec } from "../model/image-spec.ts";
import { MAX_LAYERS } from "./validate.ts";

const DEFAULT_LAYERING = "auto";
const DEFAULT_MAX_LAYERS = 100;

/** A pipeline says itself how many layers it makes, so that without `most` it may make all that there can be. */
export function layerChoice(
  layering: string | undefined,
  pipeline: ImageSpec["layeringPipeline"],
  most: number | undefined,
): Pick<ImageSpec, "layering" | "layeringPipeline" | "maxLayers"> {
  if (pipeline === undefined) {
    return { layering: layering ?? DEFAULT_LAYERING, maxLayers: most ?? DEFAULT_MAX_LAYERS };
  }
  return {
    layering: "pipeline",
    layeringPipeline: pipeline,
    maxLayers: Math.min(most ?? MAX_LAYERS, MAX_LAYERS),
  };
}
