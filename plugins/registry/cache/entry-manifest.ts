/** An entry of a shared cache as registries hold it: an artifact's manifest (OCI image spec 1.1, "Guidelines for Artifact Usage"). */
import {
  ImageDslError,
  MEDIA_TYPE,
  canonicalJson,
  descriptorJson,
  digestOf,
  isRecord,
  type DocumentBlob,
  type Json,
  type SharedBlob,
  type SharedEntry,
} from "../../../core/index.ts";

const TYPE = "application/vnd.image-dsl.cache.entry.v1+json";
const CONTENTS = "image-dsl.cache.contents";
const SIGNATURE = "image-dsl.cache.signature";

/** Stands for a config, and for layers where there are none. */
export const EMPTY_BYTES = Buffer.from("{}");
export const EMPTY = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf(EMPTY_BYTES), size: 2 };

/** The tag of the entry of this name. The number is that of this way to write them. */
export function tagOf(name: string): string {
  return `r1-${name}`;
}

/** Its layers are what a registry keeps on its account. */
export function entryManifest({
  contents,
  signature,
  blobs,
}: SharedEntry & { readonly blobs: readonly SharedBlob[] }): DocumentBlob {
  const layers = blobs.map(({ digest, size }) => ({ mediaType: "application/octet-stream", digest, size }));
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.oci.manifest,
    artifactType: TYPE,
    config: descriptorJson(EMPTY),
    layers: (layers.length > 0 ? layers : [EMPTY]).map(descriptorJson),
    annotations: { [CONTENTS]: contents, [SIGNATURE]: signature },
  };
  const bytes = Buffer.from(canonicalJson(document));
  return { descriptor: { mediaType: MEDIA_TYPE.oci.manifest, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** `said`: the digest that the registry names. Throws `E_SHARED_CACHE`. */
export function readEntry(bytes: Uint8Array, said: unknown): SharedEntry {
  const digest = digestOf(bytes);
  if (typeof said === "string" && said !== digest) throw notOurs(`its manifest has the digest ${digest}, not ${said}`);
  const manifest = parsed(bytes);
  const annotations = isRecord(manifest) ? manifest["annotations"] : undefined;
  if (!isRecord(annotations)) throw notOurs("its manifest has no annotations");
  const { [CONTENTS]: contents, [SIGNATURE]: signature } = annotations;
  if (typeof contents !== "string") throw notOurs("its manifest holds no result");
  return { contents, signature: typeof signature === "string" ? signature : undefined };
}

function parsed(bytes: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Json;
  } catch {
    throw notOurs("its manifest is no JSON");
  }
}

function notOurs(what: string): ImageDslError {
  return new ImageDslError("E_SHARED_CACHE", what);
}
