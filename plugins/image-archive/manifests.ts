/**
 * Which images an archive holds: by `manifest.json` (docker save, skopeo, podman, image-dsl), else by the `index.json`
 * of an OCI layout (OCI image spec, image-layout.md, image-index.md, manifest.md).
 */
import {
  ImageDslError,
  MAX_LAYERS,
  digestOf,
  displayBytes,
  encodeText,
  isRecord,
  type Platform,
} from "../../core/index.ts";
import { wrong } from "./wrong.ts";
import { CONFIGS, INDEXES, LAYER, MANIFESTS, blobName, readDescriptor, shown, type Descriptor } from "./descriptor.ts";
import { readPlace, type FilePlace, type ImageFiles } from "./files.ts";

export interface ImageParts {
  readonly config: Buffer;
  /** Bottom first. */
  readonly layers: readonly FilePlace[];
}

export interface StoredImage {
  /** `NAME:TAG`, or in OCI layouts mostly a tag alone. */
  readonly names: readonly string[];
  /** Where the index tells it. */
  readonly platform?: Platform;
  read(): Promise<ImageParts>;
}

const MAX_JSON = 8 * 1024 * 1024;
/** In all indexes together. */
const MAX_IMAGES = 10_000;

/** In the archive's order. Throws `E_BASE_IMAGE` for what is no image archive. */
export async function listImages(files: ImageFiles): Promise<readonly StoredImage[]> {
  const docker = files.find("manifest.json");
  if (docker !== undefined) return dockerImages(files, await readJson(files, docker, "manifest.json"));
  const index = files.find("index.json");
  if (index !== undefined) return ociImages(files, await readJson(files, index, "index.json"));
  throw wrong(
    files,
    "neither manifest.json nor index.json is a file in it",
    "Give a docker archive, an OCI archive or the folder of an OCI layout",
  );
}

function dockerImages(files: ImageFiles, manifest: unknown): readonly StoredImage[] {
  if (!Array.isArray(manifest)) throw wrong(files, "its manifest.json is no list");
  return manifest.map((image: unknown) => {
    if (!isRecord(image) || typeof image["Config"] !== "string" || !isTexts(image["Layers"])) {
      throw wrong(files, "an image in its manifest.json lacks Config or Layers");
    }
    const { Config: config, Layers: layers, RepoTags: tags } = image;
    checkCount(files, layers);
    return {
      names: isTexts(tags) ? tags : [],
      read: async () => ({
        config: await readPlace(placed(files, config), MAX_JSON, "The config"),
        layers: layers.map((name) => placed(files, name)),
      }),
    };
  });
}

/** Each would be read, again and again. */
function checkCount(files: ImageFiles, layers: readonly unknown[]): void {
  if (layers.length > MAX_LAYERS)
    throw wrong(files, `it has ${layers.length} layers, and ${MAX_LAYERS} is the most that any runtime takes`);
}

/** What is left to be looked at of an index: one that repeats itself must not become endless. */
interface Walk {
  left: number;
  readonly seen: Set<string>;
  /** Media types of what is no image. */
  readonly ignored: Set<string>;
}

async function ociImages(files: ImageFiles, index: unknown): Promise<readonly StoredImage[]> {
  const { mediaType, schemaVersion = 2 } = isRecord(index) ? index : {};
  if (schemaVersion !== 2) throw wrong(files, "its index is of another schema than 2");
  if (mediaType !== undefined && !INDEXES.has(mediaType as string))
    throw wrong(files, `its index.json is of the type ${shown(String(mediaType))}`);
  const walk: Walk = { left: MAX_IMAGES, seen: new Set(), ignored: new Set() };
  const found = await imagesIn(files, index, walk);
  if (found.length > 0 || walk.ignored.size === 0) return found;
  throw wrong(files, `its index speaks of ${[...walk.ignored].map(shown).join(", ")}, and of no image`);
}

async function imagesIn(files: ImageFiles, index: unknown, walk: Walk): Promise<readonly StoredImage[]> {
  if (!isRecord(index) || !Array.isArray(index["manifests"])) throw wrong(files, "its index has no list of manifests");
  if (index["layers"] !== undefined || index["config"] !== undefined) throw ambiguous(files, "its index");
  const found: StoredImage[] = [];
  for (const each of index["manifests"] as readonly unknown[]) {
    if (walk.left-- === 0) throw wrong(files, `its index speaks of more than ${MAX_IMAGES} images`);
    const descriptor = readDescriptor(files, each, "its index");
    if (isNoImage(descriptor)) continue;
    const { digest, mediaType } = descriptor;
    const names = namesOf(descriptor);
    if (MANIFESTS.has(mediaType)) {
      const platform = platformOf(descriptor.platform);
      found.push({ names, ...(platform && { platform }), read: () => readManifest(files, descriptor) });
    } else if (!INDEXES.has(mediaType)) {
      // The specification: what is of an unknown type is passed over.
      walk.ignored.add(mediaType);
    } else if (!walk.seen.has(digest) && files.find(blobName(descriptor)) !== undefined) {
      // A layout need not hold the blobs of all that its index speaks of (image-layout.md).
      walk.seen.add(digest);
      const images = await imagesIn(files, await readDocument(files, descriptor), walk);
      found.push(...images.map((image) => ({ ...image, names: [...names, ...image.names] })));
    }
  }
  return found;
}

/** What describes another image, such as how it was built (its attestation), is none itself. */
function isNoImage({ annotations, platform }: Descriptor): boolean {
  if (isRecord(annotations) && annotations["vnd.docker.reference.type"] !== undefined) return true;
  return isRecord(platform) && platform["os"] === "unknown" && platform["architecture"] === "unknown";
}

async function readManifest(files: ImageFiles, descriptor: Descriptor): Promise<ImageParts> {
  const manifest = await readDocument(files, descriptor);
  if (!isRecord(manifest["config"]) || !Array.isArray(manifest["layers"])) {
    throw wrong(files, "a manifest in it has no config and no layers");
  }
  if (manifest["manifests"] !== undefined) throw ambiguous(files, "a manifest in it");
  const config = readDescriptor(files, manifest["config"], "a manifest");
  if (!CONFIGS.has(config.mediaType))
    throw wrong(files, `it is no image: its config is of the type ${shown(config.mediaType)}`);
  checkCount(files, manifest["layers"]);
  return {
    config: await blobBytes(files, config),
    layers: manifest["layers"].map((each: unknown) => {
      const layer = readDescriptor(files, each, "a manifest");
      if (!LAYER.test(layer.mediaType)) throw wrong(files, `a layer of it is of the type ${shown(layer.mediaType)}`);
      return placedBlob(files, layer);
    }),
  };
}

/** As container runtimes do: a document that is both is read by each in its own way (CVE-2021-41190). */
function ambiguous(files: ImageFiles, what: string): ImageDslError {
  return wrong(files, `${what} has manifests and layers, so that nobody can tell what it is`);
}

/** An index or a manifest. Where it says of what type it is, that has to be what its descriptor says. */
async function readDocument(files: ImageFiles, descriptor: Descriptor): Promise<Record<string, unknown>> {
  const document = parseJson(files, await blobBytes(files, descriptor), "a manifest");
  if (!isRecord(document)) throw wrong(files, "a manifest in it is no JSON object");
  const { schemaVersion = 2, mediaType = descriptor.mediaType } = document;
  if (schemaVersion !== 2) throw wrong(files, "a manifest in it is of another schema than 2");
  if (mediaType === descriptor.mediaType) return document;
  const says = typeof mediaType === "string" ? shown(mediaType) : "no text";
  throw wrong(files, `a manifest in it says ${says} of its type, and its descriptor ${shown(descriptor.mediaType)}`);
}

const NAME_ANNOTATIONS = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

function namesOf({ annotations }: Descriptor): readonly string[] {
  if (!isRecord(annotations)) return [];
  return NAME_ANNOTATIONS.map((key) => annotations[key]).filter((name) => typeof name === "string");
}

function platformOf(platform: unknown): Platform | undefined {
  if (!isRecord(platform)) return undefined;
  const { os, architecture, variant } = platform;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) };
}

/** Throws `E_HASH_MISMATCH` where they are not what the descriptor says. */
async function blobBytes(files: ImageFiles, descriptor: Descriptor): Promise<Buffer> {
  const { digest } = descriptor;
  const bytes = await readPlace(placedBlob(files, descriptor), MAX_JSON, "A manifest or config");
  const found = digestOf(bytes);
  if (found === digest) return bytes;
  throw new ImageDslError("E_HASH_MISMATCH", `A blob of "${files.shown}" has the digest ${found}, not ${digest}`, {
    hint: "It is damaged, or was changed after it was made: make it again",
  });
}

function placedBlob(files: ImageFiles, descriptor: Descriptor): FilePlace {
  const place = placed(files, blobName(descriptor));
  if (place.size === descriptor.size) return place;
  throw wrong(files, `${descriptor.digest} has ${place.size} bytes, and its descriptor says ${descriptor.size}`);
}

function placed(files: ImageFiles, name: string): FilePlace {
  const place = files.find(name);
  if (place === undefined) {
    throw wrong(files, `${displayBytes(encodeText(name))}, which it speaks of, is not in it`);
  }
  return place;
}

async function readJson(files: ImageFiles, place: FilePlace, name: string): Promise<unknown> {
  return parseJson(files, await readPlace(place, MAX_JSON, name), name);
}

/** What the parser says is not passed on: it shows a piece of the text. */
function parseJson(files: ImageFiles, bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch {
    throw wrong(files, `${name} in it is no JSON`);
  }
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
