/** An index that is handed on as it is: beside its images, what describes them, artifacts of any type, indexes in it. */
import { beyond, isWithin } from "../limits/limits.ts";
import type { IndexRest, LayerBlob, ImageIndex, ImageManifest } from "../image/image.ts";
import type { Digest } from "../model/digest.ts";
import { documentBlob } from "./blob.ts";
import { checkDocument, readIndex, readParts } from "./documents.ts";
import type { Descriptor } from "./descriptor.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import { shownText, unsound } from "./unsound.ts";
import type { ListedImage } from "./walk-index.ts";

/** Where what an index speaks of is read. */
export interface IndexPlace {
  /** As it is shown to people. */
  readonly shown: string;
  /** A document, checked; undefined where it is not there. */
  read(descriptor: Descriptor): Promise<Uint8Array | undefined>;
  blob(descriptor: Descriptor): LayerBlob;
}

/** `listed`: its images. Nothing else of it is read before it is asked for. Throws `E_BASE_IMAGE`. */
export function storedIndex(index: ImageManifest, listed: readonly ListedImage[], place: IndexPlace): ImageIndex {
  const images = new Set(listed.map(({ descriptor }) => descriptor.digest));
  const inside = readIndex(place.shown, index.bytes, index.descriptor.mediaType);
  return {
    ...index,
    images,
    others: inside.filter(({ digest }) => !images.has(digest)),
    rest: () => readRest(index, images, place),
  };
}

async function readRest(top: ImageManifest, images: ReadonlySet<Digest>, place: IndexPlace): Promise<IndexRest> {
  const { shown } = place;
  const seen = new Set<Digest>(images);
  const manifests: IndexRest["manifests"][number][] = [];
  const indexes: ImageManifest[] = [];

  async function readInside({ descriptor, bytes }: ImageManifest): Promise<void> {
    for (const each of readIndex(shown, bytes, descriptor.mediaType)) {
      if (seen.has(each.digest)) continue;
      if (!isWithin("oci.images", seen.add(each.digest).size))
        throw unsound(shown, `its index has ${beyond("oci.images")}`);
      const inner = await documentOf(each, place);
      if (INDEX_TYPES.has(each.mediaType)) {
        await readInside(inner);
        indexes.push(inner);
      } else {
        manifests.push(await artifact(inner, place));
      }
    }
  }

  await readInside(top);
  return { manifests, indexes };
}

async function documentOf(descriptor: Descriptor, { shown, read }: IndexPlace): Promise<ImageManifest> {
  const { mediaType, digest, size } = descriptor;
  if (!INDEX_TYPES.has(mediaType) && !MANIFEST_TYPES.has(mediaType))
    throw unsound(shown, `its index speaks of ${digest}, which is of the type ${shownText(mediaType)}`, SELECT);
  const bytes = await read(descriptor);
  if (bytes === undefined) throw unsound(shown, `its index speaks of ${digest}, which is not there`, SELECT);
  return { descriptor: { mediaType, digest, size }, bytes };
}

const SELECT = "With --platform, only the images that it names are copied, without the index";

async function artifact(
  manifest: ImageManifest,
  { shown, read, blob }: IndexPlace,
): Promise<IndexRest["manifests"][number]> {
  const { config, layers } = readParts(shown, manifest.bytes, manifest.descriptor.mediaType);
  const bytes = await read(config);
  if (bytes === undefined) throw unsound(shown, `${config.digest}, which a manifest speaks of, is not there`, SELECT);
  checkDocument(shown, bytes, config);
  return { manifest, config: documentBlob(config.mediaType, bytes), layers: layers.map(blob) };
}
