/** Images and indexes as registries and layouts hold them: layers, config, manifest (OCI image spec; Docker's schema 2). */
import type { CompressOptions } from "../compress/compress-streams.ts";
import type { Image } from "../image/image.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { Annotations, ImageAnnotations, IndexAnnotations, ManifestFormat } from "../model/image-spec.ts";
import type { Platform } from "../model/platform.ts";
import { digestOfBlob, documentBlob, type Blob, type DocumentBlob } from "./blob.ts";
import type { Descriptor } from "./descriptor.ts";
import { requireDockersPlace } from "./docker-format.ts";
import { MEDIA_TYPE, compressionOfType, formatOf } from "./media-types.ts";
import { packLayers, type LayerPacking } from "./pack-layer.ts";

export interface ImagePacking extends LayerPacking {
  readonly annotations?: ImageAnnotations;
}

/** An image's, or an artifact's. */
export interface PackedManifest {
  /** Bottom first. */
  readonly layers: readonly Blob[];
  /** Every layer's diffID goes into it: those that are not known are made for it. */
  config(): Promise<DocumentBlob>;
  /** Every layer's digest goes into it: those that are not known are made for it. */
  manifest(): Promise<DocumentBlob>;
}

/** An image as documents and blobs, for one of the platforms of a target. */
export interface PackedImage extends PackedManifest {
  /** What an index's list says of it. */
  readonly platform: Platform;
}

/** Throws `E_OUTPUT_INVALID` for what the format has no place for. */
export function packImage(image: Image, packing: ImagePacking, options: CompressOptions): PackedImage {
  const types = MEDIA_TYPE[packing.format];
  const { manifest: annotations, manifestDescriptor } = packing.annotations ?? {};
  const kept = keptManifest(image, packing);
  const layers = packLayers(image.layers, packing, options);
  if (packing.format === "docker" && kept === undefined) {
    requireDockersPlace({
      name: image.name,
      compressions: layers.map(({ mediaType }) => compressionOfType(mediaType)),
      annotations: [packing.annotations],
    });
  }
  const config = async (): Promise<DocumentBlob> => documentBlob(types.config, await image.configBytes());
  return {
    platform: image.platform,
    layers,
    config,
    async manifest() {
      if (kept !== undefined) return described(kept, manifestDescriptor);
      const descriptors: Descriptor[] = [];
      for (const layer of layers) descriptors.push({ mediaType: layer.mediaType, ...(await digestOfBlob(layer)) });
      const manifest = jsonBlob(types.manifest, {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: descriptorJson((await config()).descriptor),
        layers: descriptors.map(descriptorJson),
        ...annotated(annotations),
      });
      return described(manifest, manifestDescriptor);
    },
  };
}

/** An image that is handed on keeps its digest, unless it is wanted in the other format. */
function keptManifest({ manifest }: Image, { format, annotations }: ImagePacking): DocumentBlob | undefined {
  if (manifest === undefined || annotations?.manifest !== undefined) return undefined;
  return formatOf(manifest.descriptor.mediaType) === format ? manifest : undefined;
}

/** The index of an image's manifests for several platforms, in their order. */
export function packIndex(
  manifests: readonly { readonly platform: Platform; readonly manifest: DocumentBlob }[],
  format: ManifestFormat,
  annotations: IndexAnnotations = {},
): DocumentBlob {
  const { index } = MEDIA_TYPE[format];
  const document = jsonBlob(index, {
    schemaVersion: 2,
    mediaType: index,
    manifests: manifests.map(({ platform, manifest }) => descriptorJson({ ...manifest.descriptor, platform })),
    ...annotated(annotations.index),
  });
  return described(document, annotations.indexDescriptor);
}

/** What is said of it in whatever lists it. */
function described({ descriptor, bytes }: DocumentBlob, annotations: Annotations | undefined): DocumentBlob {
  return { descriptor: { ...descriptor, ...annotated(annotations) }, bytes };
}

/** As it stands in documents. */
export function descriptorJson(descriptor: Descriptor): Json {
  const { mediaType, digest, size, artifactType, platform, annotations } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(platform && { platform: platformJson(platform) }),
    ...annotated(annotations),
  };
}

function platformJson({ os, architecture, variant }: Platform): Json {
  return { architecture, os, ...(variant !== undefined && { variant }) };
}

function annotated(annotations: Annotations | undefined): { readonly annotations?: Annotations } {
  return annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations };
}

function jsonBlob(mediaType: string, document: Json): DocumentBlob {
  return documentBlob(mediaType, Buffer.from(canonicalJson(document)));
}
