/** From an archive or an OCI layout to a base image. */
import {
  chooseImage,
  isReference,
  placedIn,
  storedImage,
  type BaseImage,
  type StageContext,
} from "../../core/index.ts";
import { openImageFiles } from "./files.ts";
import { listImages } from "./manifests.ts";
import type { ImageArchiveOptions } from "./source.ts";

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export function readImage(options: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  return placedIn(options.file, () => readFrom(options, context));
}

async function readFrom({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  const files = await openImageFiles(file, context);
  const chosen = chooseImage(await listImages(files), { ...wish, platform: context.platform }, file);
  const image = await storedImage(file, await chosen.read(), context);
  const reference = chosen.names.find(isReference);
  return { ...image, ...(reference !== undefined && { reference }) };
}
