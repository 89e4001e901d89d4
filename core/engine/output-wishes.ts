/** What a command line wants of all outputs, in place of what the images say: checked before anything is built. */
import { ImageDslError } from "../error.ts";
import { LAYER_COMPRESSIONS } from "../model/image-spec.ts";
import { isReference } from "../model/reference.ts";
import type { Build } from "../pipeline/build.ts";

/** Throws `E_USAGE`. */
export function checkTags(tags: readonly string[], builds: readonly Build[]): void {
  if (tags.length === 0) return;
  const wrong = tags.find((tag) => !isReference(tag));
  if (wrong !== undefined) {
    throw new ImageDslError("E_USAGE", `"${wrong}" is no NAME:TAG`, {
      hint: "Write it as in team/redis:7, in small letters",
    });
  }
  const images = new Set(builds.map(({ spec, bundle }) => bundle?.index ?? spec));
  if (images.size > 1) {
    const names = Array.from(images, ({ name }) => name);
    throw new ImageDslError("E_USAGE", `One tag cannot name ${names.length} images (${names.join(", ")})`, {
      hint: "Name one target",
    });
  }
}

/** Throws `E_USAGE`. */
export function checkCompression(compression: string | undefined): void {
  if (compression === undefined || LAYER_COMPRESSIONS.some((known) => known === compression)) return;
  throw new ImageDslError("E_USAGE", `"${compression}" compresses no layers`, {
    hint: `Take one of ${LAYER_COMPRESSIONS.join(", ")}`,
  });
}
