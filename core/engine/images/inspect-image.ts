/** `inspect`: what an image consists of, as far as its documents tell it; no layer is read. */
import { ImageDslError } from "../../error.ts";
import type { Digest } from "../../model/digest.ts";
import type { ImageConfig } from "../../model/image-config.ts";
import { platformText, type Platform } from "../../model/platform.ts";
import type { HistoryEntry } from "../../image/image.ts";
import { readConfig } from "../../distribution/read-config.ts";
import type { StoredImage } from "../../distribution/stored-image.ts";
import { digestOf } from "../../model/digest.ts";
import { sourceOf, withImages, type ImageReading } from "./input.ts";

export interface InspectedLayer {
  readonly diffID: Digest;
  /** As it was distributed, where it was. */
  readonly digest?: Digest;
  readonly mediaType?: string;
  /** Bytes, as it lies there: compressed, or not. */
  readonly size?: number;
  /** What its history line says of it. */
  readonly history?: HistoryEntry;
}

export interface InspectedImage {
  readonly names: readonly string[];
  readonly platform: Platform;
  readonly manifest?: { readonly digest: Digest; readonly mediaType: string; readonly size: number };
  /** The image's id: the digest of its config. */
  readonly id: Digest;
  readonly config: ImageConfig;
  readonly layers: readonly InspectedLayer[];
}

export interface Inspected {
  readonly shown: string;
  readonly images: readonly InspectedImage[];
}

/** `isWanted` picks among several platforms. Throws `E_USAGE`, `E_BASE_IMAGE` where there is no such image, and what reading throws. */
export function inspectImages(
  text: string,
  isWanted: (platform: Platform | undefined) => boolean,
  reading: ImageReading,
): Promise<Inspected> {
  return withImages(sourceOf(text, reading.builder), reading, async ({ shown, images }) => {
    const inspected: InspectedImage[] = [];
    for (const image of images.filter((each) => isWanted(each.platform))) inspected.push(await inspect(shown, image));
    // Not every place tells what an image is for before it is read.
    const wanted = inspected.filter(({ platform }) => isWanted(platform));
    if (wanted.length === 0) throw nothingThere(shown, images);
    return { shown, images: wanted };
  });
}

function nothingThere(shown: string, images: readonly StoredImage[]): ImageDslError {
  if (images.length === 0) return new ImageDslError("E_BASE_IMAGE", `There is no image at "${shown}"`);
  const there = images.flatMap(({ platform }) => (platform ? [platformText(platform)] : []));
  return new ImageDslError("E_BASE_IMAGE", `"${shown}" holds no image for that platform`, {
    ...(there.length > 0 && { hint: `It holds ${there.join(", ")}` }),
  });
}

async function inspect(shown: string, image: StoredImage): Promise<InspectedImage> {
  const { config: bytes, layers, manifest } = await image.read();
  const { config, platform, diffIDs, history } = readConfig(shown, bytes);
  const lines = history.filter(({ empty_layer: isEmpty }) => !isEmpty);
  return {
    names: image.names,
    platform,
    ...(manifest && { manifest: manifest.descriptor }),
    id: digestOf(bytes),
    config,
    layers: diffIDs.map((diffID, index) => {
      const { blob } = layers[index] ?? {};
      const line = lines[index];
      return {
        diffID,
        ...(blob && { digest: blob.digest, mediaType: blob.mediaType, size: blob.size }),
        ...(line && { history: line }),
      };
    }),
  };
}
