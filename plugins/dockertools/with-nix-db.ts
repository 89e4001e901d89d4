/** The image functions with a Nix database, under dockerTools' names. */
import { buildImage } from "./build-image.ts";
import type { BuildImageOptions } from "./build-image-options.ts";
import { buildLayeredImage } from "./layered-image.ts";
import type { LayeredImageOptions } from "./options.ts";

/** `buildImage` with `includeNixDB`. */
export function buildImageWithNixDb(options: BuildImageOptions): ReturnType<typeof buildImage> {
  return buildImage({ ...options, includeNixDB: true });
}

/** `buildLayeredImage` with `includeNixDB`. */
export function buildLayeredImageWithNixDb(options: LayeredImageOptions): ReturnType<typeof buildLayeredImage> {
  return buildLayeredImage({ ...options, includeNixDB: true });
}
