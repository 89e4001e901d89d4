/** Layers as blobs: compressed while they stream, or as a base image had them. What was found out is remembered. */
import { GZIP, ZSTD, type Codec } from "../compress/codec.ts";
import type { CompressOptions } from "../compress/compress-streams.ts";
import type { Layer, LayerBlob } from "../image/image.ts";
import { digestOf, hexOf, isDigest, type Digest } from "../model/digest.ts";
import { ALL_HERE } from "../model/made-layer.ts";
import type { LayerCompression, ManifestFormat } from "../model/image-spec.ts";
import { isRecord } from "../model/json.ts";
import { findRecord, keepRecord } from "../store/shared-cache/shared-records.ts";
import { hashedBlob, type Blob, type BlobDigest } from "./blob.ts";
import { layerCompressor } from "./compress-layers.ts";
import { compressionOfType, layerType } from "./media-types.ts";

export interface LayerPacking {
  readonly compression: LayerCompression;
  readonly format: ManifestFormat;
}

/** By diffID and codec, the digest and size of the compressed layer. */
const KIND = "layer-blobs";

/** Of one image, in its order. */
export function packLayers(
  layers: readonly Layer[],
  { compression, format }: LayerPacking,
  options: CompressOptions,
): readonly Blob[] {
  const codec = CODECS[compression];
  const mediaType = layerType(format, compression);
  const compress = codec && layerCompressor(layers, isOthers, codec, options);
  const blobs = layers.map((layer, index) => {
    if (layer.blob !== undefined) return asDistributed(layer.blob, format);
    if (codec === undefined) return plain(layer, mediaType);
    return compressed(layer, codec, mediaType, () => compress!(index), options);
  });
  return blobs;

  /** Nobody waits here for what comes from elsewhere. */
  async function isOthers(index: number): Promise<boolean> {
    const blob = blobs[index]!;
    return blob.isComing?.() === true || (await blob.known()) !== undefined;
  }
}

const CODECS: Readonly<Record<LayerCompression, Codec | undefined>> = { none: undefined, gzip: GZIP, zstd: ZSTD };

/** Byte for byte; only its type is said in the manifest's format. */
function asDistributed(blob: LayerBlob, format: ManifestFormat): Blob {
  return { ...asItIs(blob), mediaType: layerType(format, compressionOfType(blob.mediaType) ?? "none") };
}

export function asItIs({ mediaType, digest, size, repository, open }: LayerBlob): Blob {
  return {
    mediaType,
    known: () => Promise.resolve({ digest, size }),
    bound: size,
    identity: digest,
    open: () => hashedBlob(open(), { digest, size }, () => {}),
    ...(repository !== undefined && { repository }),
  };
}

function plain(layer: Layer, mediaType: string): Blob {
  const { size } = layer;
  const known = (): BlobDigest | undefined => {
    const digest = layer.knownDiffID();
    return digest === undefined ? undefined : { digest, size };
  };
  return {
    mediaType,
    known: () => Promise.resolve(known()),
    bound: size,
    identity: identityOf(layer),
    open: layer.open,
  };
}

function compressed(
  layer: Layer,
  codec: Codec,
  mediaType: string,
  compress: () => AsyncIterable<Uint8Array>,
  options: CompressOptions,
): Blob {
  let found: BlobDigest | undefined;
  const { key = "" } = layer;
  const { layerPlaces = ALL_HERE } = options;
  const isComing = (): boolean => found === undefined && layerPlaces.isAway(key, codec.name);

  async function known(): Promise<BlobDigest | undefined> {
    if (found !== undefined) return found;
    const { known: made } = await layerPlaces.make(key, codec.name);
    const diffID = made?.diffID ?? layer.knownDiffID();
    if (diffID === undefined) return undefined;
    found = await remembered(options, codec, diffID);
    if (made === undefined || found !== undefined) return found;
    found = { digest: made.digest, size: made.size };
    await remember(options, codec, diffID, found);
    return found;
  }

  async function* open(): AsyncGenerator<Uint8Array, void, undefined> {
    const before = await known();
    const made = await layerPlaces.make(key, codec.name);
    const diffID = layer.knownDiffID();
    const isOnlyKnown = made.known === undefined && before !== undefined && diffID !== undefined;
    const source = isOnlyKnown ? await layerPlaces.fetch({ ...before, diffID, tarSize: layer.size }, codec.name) : made;
    yield* hashedBlob(source.open(compress), before, async (blob) => {
      found = blob;
      if (before === undefined) await remember(options, codec, await layer.diffID(), blob);
    });
  }

  const identity = `${codec.identity}\n${identityOf(layer)}`;
  return { mediaType, known, isComing, bound: layer.size, identity, open };
}

/** Of a layer without either, as only a program's own may be, nothing is known from before. */
function identityOf(layer: Layer): string {
  return layer.key ?? layer.knownDiffID() ?? "";
}

async function remembered(places: CompressOptions, codec: Codec, diffID: Digest): Promise<BlobDigest | undefined> {
  const record = await findRecord(places, KIND, keyOf(codec, diffID));
  if (!isRecord(record) || !isDigest(record["digest"]) || !Number.isSafeInteger(record["size"])) return undefined;
  return { digest: record["digest"], size: record["size"] as number };
}

function remember(places: CompressOptions, codec: Codec, diffID: Digest, blob: BlobDigest): Promise<void> {
  return keepRecord(places, KIND, keyOf(codec, diffID), { ...blob }, { names: [blob] });
}

function keyOf({ identity }: Codec, diffID: Digest): string {
  return hexOf(digestOf(`${identity}\n${diffID}`));
}
