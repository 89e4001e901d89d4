/**
 * Whether what a tag names is there too. A registry that was cleaned, or lost a disk, may have the tag's manifest and nothing
 * behind it. All of an image is not asked for: a second push stays at three requests for an image or an index of two.
 */
import type { BuildContext, PackedTarget } from "../../../core/index.ts";
import type { Repository } from "../repository.ts";
import { isThere, manifestDigest } from "./is-there.ts";

/** Of an image its config and its top layer, the one that changes most; of an index the manifest of each image. */
export async function seemsWhole(
  { images }: PackedTarget,
  repository: Repository,
  { tasks }: BuildContext,
): Promise<boolean> {
  const [image, ...others] = images;
  const looks =
    others.length > 0 || image === undefined
      ? images.map((each) => async () => {
          const { descriptor } = await each.manifest();
          return (await manifestDigest(repository, descriptor.digest)) === descriptor.digest;
        })
      : [
          async () => isThere(repository, (await image.config()).descriptor),
          ...image.layers.slice(-1).map((layer) => async () => {
            const known = await layer.known();
            return known !== undefined && isThere(repository, known);
          }),
        ];
  return (await tasks.map("net", looks, (look) => look())).every(Boolean);
}
