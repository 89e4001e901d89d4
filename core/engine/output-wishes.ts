/** What a command line wants of all outputs, in place of what the images say: checked before anything is built. */
import { ImageDslError } from "../error.ts";
import { LAYER_COMPRESSIONS } from "../model/image-spec.ts";
import { IMAGE_TAG, isReference } from "../model/reference.ts";
import type { Build } from "../pipeline/build.ts";

/** The names that a build's image gets in place of its own: `:TAG` keeps its name. */
export function tagsOf(tags: readonly string[], { spec, bundle }: Pick<Build, "spec" | "bundle">): readonly string[] {
  const { name } = bundle?.index ?? spec;
  return tags.map((tag) => (isTagAlone(tag) ? name + tag : tag));
}

function isTagAlone(tag: string): boolean {
  return tag.startsWith(":");
}

/** Throws `E_USAGE`. */
export function checkTags(tags: readonly string[], builds: readonly Build[]): void {
  if (tags.length === 0) return;
  const wrong = tags.find((tag) => !(isTagAlone(tag) ? IMAGE_TAG.test(tag.slice(1)) : isReference(tag)));
  if (wrong !== undefined) {
    throw new ImageDslError("E_USAGE", `"${wrong}" is no NAME:TAG and no :TAG`, {
      hint: "Write it as in team/redis:7, in small letters; :7 keeps the image's name",
    });
  }
  const images = new Set(builds.map(({ spec, bundle }) => bundle?.index ?? spec));
  const names = Array.from(images, ({ name }) => name);
  const differ = tags.every(isTagAlone) && new Set(names).size === names.length;
  if (images.size > 1 && !differ) {
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
