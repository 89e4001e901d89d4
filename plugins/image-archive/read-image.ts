/** From an archive or an OCI layout to the images in it, and to a base image. */
import {
  namedImages,
  placedIn,
  storedBase,
  type BaseImage,
  type StageContext,
  type StoredImages,
} from "../../core/index.ts";
import { openImageFiles } from "./files.ts";
import { listImages, namedIndex } from "./manifests.ts";
import type { ImageArchiveOptions } from "./source.ts";

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export function readImage({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  return placedIn(file, async () => {
    const files = await openImageFiles(file, context);
    const images = await listImages(files);
    const index = await namedIndex(files, wish);
    return storedBase(
      { shown: file, images, ...(index && { index }) },
      { ...wish, platform: context.platform },
      context,
    );
  });
}

/** Those that the options' name and tag mean, for all platforms. Throws what `readImage` throws. */
export function listNamed({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<StoredImages> {
  return placedIn(file, async () => {
    const files = await openImageFiles(file, context);
    const index = await namedIndex(files, wish);
    return { shown: file, images: namedImages(await listImages(files), wish), ...(index && { index }) };
  });
}
