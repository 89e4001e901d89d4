/**
 * Reading indexes and manifests (OCI image spec, image-index.md, manifest.md; Docker's schema 2), which come from outside.
 * A document that could be taken for one thing by one reader and for another by the next is refused (CVE-2021-41190).
 */
import { ImageDslError } from "../error.ts";
import { hold } from "../limits/held-memory.ts";
import { digestOf } from "../model/digest.ts";
import { isRecord } from "../model/json.ts";
import { repeatedKey } from "../model/repeated-key.ts";
import { MAX_LAYERS } from "../image/validate.ts";
import { annotationsOf, readDescriptor, type Descriptor } from "./descriptor.ts";
import { CONFIG_TYPES, INDEX_TYPES, MANIFEST_TYPES, MEDIA_TYPE, compressionOfType } from "./media-types.ts";
import { shownText, unsound } from "./unsound.ts";

export interface Manifest {
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** The bytes of a document, compared with its descriptor. Throws `E_HASH_MISMATCH`, `E_BASE_IMAGE`, `E_MEMORY_LIMIT`. */
export function checkDocument(shown: string, bytes: Uint8Array, { digest, size }: Descriptor): void {
  if (bytes.length !== size) {
    throw unsound(shown, `${digest} has ${bytes.length} bytes, and its descriptor says ${size}`);
  }
  hold(size);
  const found = digestOf(bytes);
  if (found === digest) return;
  throw new ImageDslError("E_HASH_MISMATCH", `A blob of "${shown}" has the digest ${found}, not ${digest}`, {
    hint: "It is damaged, or was changed after it was made: make it again",
  });
}

/** Throws `E_BASE_IMAGE`. */
export function readManifest(shown: string, bytes: Uint8Array, mediaType: string): Manifest {
  const manifest = readParts(shown, bytes, mediaType);
  const { config, layers } = manifest;
  if (!CONFIG_TYPES.has(config.mediaType))
    throw unsound(shown, `it is no image: its config is of the type ${shownText(config.mediaType)}`);
  const strange = layers.find((layer) => compressionOfType(layer.mediaType) === undefined);
  if (strange !== undefined) throw unsound(shown, `a layer of it is of the type ${shownText(strange.mediaType)}`);
  return manifest;
}

/** What any manifest is made of, be it an image's or an artifact's. Throws `E_BASE_IMAGE`. */
export function readParts(shown: string, bytes: Uint8Array, mediaType: string): Manifest {
  const document = readTyped(shown, bytes, mediaType, MANIFEST_TYPES, "a manifest");
  const { config, layers } = document;
  if (!isRecord(config) || !Array.isArray(layers)) throw unsound(shown, "a manifest in it has no config and no layers");
  if (document["manifests"] !== undefined) throw ambiguous(shown, "a manifest in it");
  const configDescriptor = readDescriptor(shown, config, "a manifest");
  checkLayerCount(shown, layers);
  return {
    config: configDescriptor,
    layers: layers.map((each: unknown) => readDescriptor(shown, each, "a manifest")),
    annotations: annotationsOf(document["annotations"]) ?? {},
  };
}

/** What a document is by what was said of it, and by what it says itself, which has to be the same. Throws `E_BASE_IMAGE`. */
export function mediaTypeOf(shown: string, bytes: Uint8Array, said: string | undefined): string {
  const document = parseJson(shown, bytes, "a manifest");
  const own = isRecord(document) ? document["mediaType"] : undefined;
  const type = own === undefined ? (said ?? guessedType(document)) : own;
  if (typeof type !== "string" || (said !== undefined && type !== said)) {
    throw unsound(
      shown,
      `its manifest says ${shownText(String(own))} of its type, and the registry ${shownText(said ?? "")}`,
    );
  }
  return type;
}

/** OCI's documents need not say it. What is both is refused by whoever reads it. */
function guessedType(document: unknown): string {
  return isRecord(document) && document["manifests"] !== undefined ? MEDIA_TYPE.oci.index : MEDIA_TYPE.oci.manifest;
}

/** What an index lists, in its order. `mediaType`: what the outside says that it is. Throws `E_BASE_IMAGE`. */
export function readIndex(shown: string, bytes: Uint8Array, mediaType?: string): readonly Descriptor[] {
  const document = readTyped(shown, bytes, mediaType, INDEX_TYPES, "its index");
  if (!Array.isArray(document["manifests"])) throw unsound(shown, "its index has no list of manifests");
  if (document["layers"] !== undefined || document["config"] !== undefined) throw ambiguous(shown, "its index");
  return document["manifests"].map((each: unknown) => readDescriptor(shown, each, "its index"));
}

/** Each would be read, again and again. */
export function checkLayerCount(shown: string, layers: readonly unknown[]): void {
  if (layers.length > MAX_LAYERS)
    throw unsound(shown, `it has ${layers.length} layers, and ${MAX_LAYERS} is the most that any runtime takes`);
}

/** What the parser says is not passed on: it shows a piece of the text. What could be read in two ways is refused. */
export function parseJson(shown: string, bytes: Uint8Array, name: string): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  const value = parse(shown, text, name);
  const key = repeatedKey(text);
  if (key === undefined) return value;
  throw unsound(shown, `${name} has ${shownText(key)} twice, so that nobody can tell what it says`);
}

function parse(shown: string, text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unsound(shown, `${name} in it is no JSON`);
  }
}

/** Where a document says of what type it is, that has to be what is said of it. */
function readTyped(
  shown: string,
  bytes: Uint8Array,
  mediaType: string | undefined,
  known: ReadonlySet<string>,
  what: string,
): Record<string, unknown> {
  const document = parseJson(shown, bytes, what);
  if (!isRecord(document)) throw unsound(shown, `${what} is no JSON object`);
  const { schemaVersion = 2, mediaType: own = mediaType } = document;
  if (schemaVersion === 1) throw unsound(shown, `${what} is of Docker's schema 1`, OBSOLETE);
  if (schemaVersion !== 2) throw unsound(shown, `${what} is of another schema than 2`);
  const says = typeof own === "string" ? shownText(own) : "no text";
  if (mediaType !== undefined && own !== mediaType)
    throw unsound(shown, `${what} says ${says} of its type, and its descriptor ${shownText(mediaType)}`);
  if (own !== undefined && !known.has(own as string)) throw unsound(shown, `${what} is of the type ${says}`);
  return document;
}

const OBSOLETE = "Nobody writes it any more: pull the image with docker and push it again, which converts it";

function ambiguous(shown: string, what: string): ImageDslError {
  return unsound(shown, `${what} has manifests and layers, so that nobody can tell what it is`);
}
