/** From an archive or an OCI layout to the images in it, and to a base image. */
import {
  ImageDslError,
  equallyMeant,
  placedIn,
  requireNamed,
  shownNames,
  storedBase,
  tellFindings,
  type BaseImage,
  type StageContext,
  type StoredImage,
  type StoredImages,
} from "../../core/index.ts";
import { openImageFiles } from "./files.ts";
import { isDockerArchive, listImages, namedIndex } from "./manifests.ts";
import type { ImageArchiveOptions } from "./source.ts";

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export function readImage({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<BaseImage> {
  return placedIn(file, async () => {
    const files = await openImageFiles(file, context);
    const images = await listImages(files);
    const index = await namedIndex(files, wish);
    const whole = { ...wish, platform: context.platform };
    const several = wish.sole ? [] : equallyMeant(images, whole, file);
    if (several.length > 0 && !isDockerArchive(files)) throw noneChosen(file, several);
    if (several.length > 0) tellFirst(file, several, context);
    return storedBase({ shown: file, images, ...(index && { index }) }, whole, context);
  });
}

function noneChosen(file: string, several: readonly StoredImage[]): ImageDslError {
  return new ImageDslError("E_BASE_IMAGE", `"${file}" holds ${several.length} images, of which any could be meant`, {
    hint: choosing(several),
  });
}

/** Of a docker archive upstream takes the first, always. */
function tellFirst(file: string, several: readonly StoredImage[], context: StageContext): void {
  const [first] = several as readonly [StoredImage, ...StoredImage[]];
  const name = first.names[0] === undefined ? "" : `, ${shownNames([first])},`;
  const finding = {
    code: "W_BASE_CHOICE",
    message: `its base "${file}" holds ${several.length} images, of which the first${name} is taken`,
    hint: choosing(several),
  } as const;
  tellFindings([finding], context);
}

function choosing(several: readonly StoredImage[]): string {
  const there = shownNames(several);
  return there === ""
    ? "They have no names to choose by: give each image a place of its own"
    : `Choose one with fromImageName and fromImageTag: it has ${there}`;
}

/** Those that the options' name and tag mean, for all platforms. Throws what `readImage` throws. */
export function listNamed({ file, ...wish }: ImageArchiveOptions, context: StageContext): Promise<StoredImages> {
  return placedIn(file, async () => {
    const files = await openImageFiles(file, context);
    const images = requireNamed(await listImages(files), wish, file);
    const index = await namedIndex(files, wish);
    return { shown: file, images, ...(index && { index }) };
  });
}
