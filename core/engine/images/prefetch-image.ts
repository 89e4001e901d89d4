/** `prefetch`: an image into the store, so that a build that names its digest finds it there. */
import { storedBase } from "../../distribution/stored-image.ts";
import { ImageDslError } from "../../error.ts";
import type { Digest } from "../../model/digest.ts";
import { sourceOf, withImages, type ImageReading } from "./input.ts";

/** Gives the digest of what the name means: a manifest's, or that of an index for several platforms. Throws what reading throws. */
export function prefetchImage(text: string, reading: ImageReading): Promise<Digest> {
  return withImages(sourceOf(text, reading.builder), reading, async (images, context) => {
    await storedBase(images, { platform: reading.platform }, context);
    if (images.digest !== undefined) return images.digest;
    throw new ImageDslError("E_USAGE", `"${images.shown}" has no digest of its own`, {
      hint: "Name an image in a registry: HOST/NAME:TAG",
    });
  });
}
