/** An image from elsewhere, made of a config and of layers that lie on this machine. */
import { ImageDslError, withDetails } from "../error.ts";
import type { BaseImage } from "../image/base-image.ts";
import { flattenInPieces } from "../image/flatten.ts";
import type { ImageIndex, LayerBlob } from "../image/image.ts";
import { Account } from "../limits/limits.ts";
import type { Digest } from "../model/digest.ts";
import { IMAGE_TAG, isImageName, isReference, splitReference, type OwnName } from "../model/reference.ts";
import { inTurns } from "../tree/turns.ts";
import type { DocumentBlob } from "./blob.ts";
import { chooseImage, type Candidate, type Wish } from "./choose-image.ts";
import { readConfig } from "./read-config.ts";
import { storedLayer, type FilePlace, type ReadingContext } from "./stored-layer.ts";
import { unsound } from "./unsound.ts";

/** A place that holds images, and what is known of each before it is read. */
export interface StoredImages {
  /** As it is shown to people. */
  readonly shown: string;
  /** Of what the place's name means, where it is one thing: a manifest, or an index of several. */
  readonly digest?: Digest;
  /** Where the name means an index. */
  readonly index?: ImageIndex;
  /** In the place's order. */
  readonly images: readonly StoredImage[];
}

/** One of the images that a layout, an archive or a registry holds, not yet read. */
export interface StoredImage extends Candidate {
  /** Its documents; layers are brought here when they are asked for. */
  read(): Promise<StoredParts>;
}

/** What there is of an image where it is stored, checked against its digests. */
export interface StoredParts {
  /** Its manifest, where it is one of OCI's or Docker's. */
  readonly manifest?: DocumentBlob;
  /** The config JSON, byte for byte. */
  readonly config: Uint8Array;
  /** Bottom first. */
  readonly layers: readonly StoredLayerPart[];
}

export interface StoredLayerPart {
  /** Brings it to this machine, where it is not here yet. */
  place(): Promise<FilePlace>;
  readonly blob?: LayerBlob;
}

/** Throws `E_BASE_IMAGE`, `E_HASH_MISMATCH`, `E_COMPRESSION`, `E_TAR_INVALID`. */
export async function storedImage(shown: string, parts: StoredParts, context: ReadingContext): Promise<BaseImage> {
  const { diffIDs, ...config } = readConfig(shown, parts.config);
  if (diffIDs.length !== parts.layers.length) {
    throw unsound(shown, `its config speaks of ${diffIDs.length} layers, and there are ${parts.layers.length}`);
  }
  const places = await context.tasks.map("net", parts.layers, ({ place }) => place());
  const account = new Account("The image");
  const layers = await context.tasks.map("cpu", parts.layers, ({ blob }, index) =>
    namingLayer(index, diffIDs.length, async () => {
      const layer = await storedLayer(places[index]!, diffIDs[index]!, context, blob);
      account.spend("oci.entries", layer.entries.length);
      account.spend("oci.bytes", layer.size);
      return layer;
    }),
  );
  const tree = await inTurns(flattenInPieces(layers), context.signal);
  const { manifest } = parts;
  return { ...config, layers, tree, configBytes: () => Promise.resolve(parts.config), ...(manifest && { manifest }) };
}

/** Readers of archives do not know which of an image's they read. */
async function namingLayer<Result>(index: number, count: number, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code === "E_ABORTED" || count === 1) throw error;
    throw withDetails(error, {}, `Layer ${index + 1} of ${count}: ${error.message}`);
  }
}

/** The one of them that is wished for, as a base. Throws what `storedImage` throws, and `E_BASE_IMAGE` where it is not there. */
export async function storedBase(
  { shown, images, index }: StoredImages,
  wish: Wish,
  context: ReadingContext,
): Promise<BaseImage> {
  const chosen = chooseImage(images, wish, shown);
  const image = await storedImage(shown, await chosen.read(), context);
  return { ...image, called: ownName(chosen), ...(index && { listedIn: index }) };
}

/** Nothing is made up: what is handed on under a name that nobody gave it takes somebody else's. */
function ownName({ names, nameInLayout }: Candidate): OwnName {
  const inLayout = nameInLayout === undefined ? {} : { inLayout: nameInLayout };
  const whole = [nameInLayout ?? "", ...names].find(isReference);
  if (whole !== undefined) {
    const [repository, tag] = splitReference(whole);
    return { repository, tag, ...inLayout };
  }
  const tag = names.find((name) => IMAGE_TAG.test(name));
  const repository = names.flatMap((name) => /^([^@]+)@sha256:/.exec(name)?.[1] ?? []).find(isImageName);
  return { ...(repository !== undefined && { repository }), ...(tag !== undefined && { tag }), ...inLayout };
}
