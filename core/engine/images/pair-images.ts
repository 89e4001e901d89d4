/** Which images of two places are compared with each other: by platform, where one of the places has several. */
import { fitting, noneFor } from "../../distribution/choose-image.ts";
import { readConfig } from "../../distribution/read-config.ts";
import type { StoredImage, StoredImages } from "../../distribution/stored-image.ts";
import { ImageDslError } from "../../error.ts";
import { platformText, type Platform } from "../../model/platform.ts";
import { platformsOf } from "./input.ts";

export interface PlacedImage {
  readonly image: StoredImage;
  readonly platform: Platform;
}

export interface ImagePair {
  readonly before: PlacedImage;
  readonly after: PlacedImage;
}

export interface Pairs {
  readonly pairs: readonly ImagePair[];
  /** Of two indexes, the platforms that one of them has alone. */
  readonly removed: readonly Platform[];
  readonly added: readonly Platform[];
  /** One of the places is an index. */
  readonly byPlatform: boolean;
}

interface Place {
  readonly shown: string;
  readonly isIndex: boolean;
  readonly images: readonly PlacedImage[];
}

/**
 * `platforms`: without any, all; an index beside an image alone is compared as far as that image's platform. Throws
 * `E_USAGE` for several images that are none of one index, `E_BASE_IMAGE` where there is nothing to compare with, and what
 * reading throws.
 */
export async function pairImages(
  before: StoredImages,
  after: StoredImages,
  platforms: readonly Platform[],
): Promise<Pairs> {
  const [one, other] = [await openPlace(before), await openPlace(after)];
  const byPlatform = one.isIndex || other.isIndex;
  const of = (platform: Platform) => ({ before: imageFor(one, platform), after: imageFor(other, platform) });
  const these = (pairs: readonly ImagePair[]) => ({ pairs, removed: [], added: [], byPlatform });
  if (platforms.length > 0) return these(platforms.map(of));
  if (one.isIndex && other.isIndex) return { ...pairAll(one, other), byPlatform };
  if (one.isIndex) return these([of(other.images[0]!.platform)]);
  if (other.isIndex) return these([of(one.images[0]!.platform)]);
  return these([{ before: one.images[0]!, after: other.images[0]! }]);
}

async function openPlace(stored: StoredImages): Promise<Place> {
  const { shown, images, index } = stored;
  if (images.length === 0) throw new ImageDslError("E_BASE_IMAGE", `There is no image at "${shown}"`);
  platformsOf(stored);
  const placed: PlacedImage[] = [];
  for (const image of images) placed.push({ image, platform: image.platform ?? (await platformOf(shown, image)) });
  return { shown, isIndex: index !== undefined || images.length > 1, images: placed };
}

/** Of an image alone, its config tells what it is for. */
async function platformOf(shown: string, image: StoredImage): Promise<Platform> {
  return readConfig(shown, (await image.read()).config).platform;
}

function imageFor({ shown, images }: Place, platform: Platform): PlacedImage {
  const [found] = fitting(images, platform);
  if (found !== undefined) return found;
  throw noneFor(shown, platform, images);
}

/** In the order of the second one, each with what it is closest to in the first. */
function pairAll(one: Place, other: Place): Omit<Pairs, "byPlatform"> {
  const left = new Map(one.images.map((each) => [platformText(each.platform), each]));
  const pairs: ImagePair[] = [];
  const added: Platform[] = [];
  const inFirst = other.images.filter(({ platform }) => left.has(platformText(platform)));
  const inexact = other.images.filter(({ platform }) => !left.has(platformText(platform)));
  // What is the same to the letter comes first, so that nothing else takes its place.
  for (const after of [...inFirst, ...inexact]) {
    const [before] = fitting([...left.values()], after.platform);
    if (before === undefined) added.push(after.platform);
    else {
      pairs.push({ before, after });
      left.delete(platformText(before.platform));
    }
  }
  return { pairs, removed: [...left.values()].map(({ platform }) => platform), added };
}
