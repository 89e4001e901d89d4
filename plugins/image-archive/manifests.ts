/**
 * Which images an archive holds: by `manifest.json` (docker save, skopeo, podman, image-dsl), else by the `index.json`
 * of an OCI layout (OCI image spec, image-layout.md, image-index.md, manifest.md).
 */
import {
  ImageDslError,
  digestOf,
  displayBytes,
  encodeText,
  isRecord,
  parseDigest,
  type Digest,
  type Platform,
} from "../../core/index.ts";
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
    "it has neither a manifest.json nor an index.json",
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
    return {
      names: isTexts(tags) ? tags : [],
      read: async () => ({
        config: await readPlace(placed(files, config), MAX_JSON, "The config"),
        layers: layers.map((name) => placed(files, name)),
      }),
    };
  });
}

/** What is left to be looked at of an index: one that repeats itself must not become endless. */
interface Walk {
  left: number;
  readonly seen: Set<string>;
}

async function ociImages(
  files: ImageFiles,
  index: unknown,
  walk: Walk = { left: MAX_IMAGES, seen: new Set() },
): Promise<readonly StoredImage[]> {
  if (!isRecord(index) || !Array.isArray(index["manifests"])) throw wrong(files, "its index has no list of manifests");
  const found: StoredImage[] = [];
  for (const descriptor of index["manifests"] as readonly unknown[]) {
    if (walk.left-- === 0) throw wrong(files, `its index speaks of more than ${MAX_IMAGES} images`);
    if (!isRecord(descriptor)) throw wrong(files, "its index holds what is no descriptor");
    if (isNoImage(descriptor)) continue;
    const names = namesOf(descriptor);
    const inner = await innerIndex(files, descriptor);
    if (inner === undefined) {
      const platform = platformOf(descriptor["platform"]);
      found.push({ names, ...(platform && { platform }), read: () => readManifest(files, descriptor) });
    } else if (!walk.seen.has(digestIn(files, descriptor))) {
      walk.seen.add(digestIn(files, descriptor));
      const images = await ociImages(files, inner, walk);
      found.push(...images.map((image) => ({ ...image, names: [...names, ...image.names] })));
    }
  }
  return found;
}

/** What describes another image, such as how it was built (its attestation), is none itself. */
function isNoImage({ annotations, platform }: Record<string, unknown>): boolean {
  if (isRecord(annotations) && annotations["vnd.docker.reference.type"] !== undefined) return true;
  return isRecord(platform) && platform["os"] === "unknown" && platform["architecture"] === "unknown";
}

/** A layout need not hold the blobs of all that its index speaks of (image-layout.md): what is not there is no index. */
async function innerIndex(files: ImageFiles, descriptor: Record<string, unknown>): Promise<unknown> {
  const type = descriptor["mediaType"];
  if (typeof type === "string" && !/\.index\.|manifest\.list/.test(type)) return undefined;
  if (files.find(blobName(files, descriptor)) === undefined) return undefined;
  const content = await readBlob(files, descriptor);
  return isRecord(content) && Array.isArray(content["manifests"]) ? content : undefined;
}

async function readManifest(files: ImageFiles, descriptor: Record<string, unknown>): Promise<ImageParts> {
  const manifest = await readBlob(files, descriptor);
  if (!isRecord(manifest) || !isRecord(manifest["config"]) || !Array.isArray(manifest["layers"])) {
    throw wrong(files, "a manifest in it has no config and no layers");
  }
  return {
    config: await blobBytes(files, manifest["config"]),
    layers: manifest["layers"].map((layer: unknown) => placed(files, blobName(files, layer))),
  };
}

const NAME_ANNOTATIONS = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

function namesOf({ annotations }: Record<string, unknown>): readonly string[] {
  if (!isRecord(annotations)) return [];
  return NAME_ANNOTATIONS.map((key) => annotations[key]).filter((name) => typeof name === "string");
}

function platformOf(platform: unknown): Platform | undefined {
  if (!isRecord(platform)) return undefined;
  const { os, architecture, variant } = platform;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" && { variant }) };
}

function digestIn(files: ImageFiles, descriptor: unknown): Digest {
  const digest = isRecord(descriptor) ? descriptor["digest"] : undefined;
  if (typeof digest !== "string") throw wrong(files, "a descriptor in it has no digest");
  return parseDigest(digest);
}

function blobName(files: ImageFiles, descriptor: unknown): string {
  return `blobs/${digestIn(files, descriptor).replace(":", "/")}`;
}

async function readBlob(files: ImageFiles, descriptor: unknown): Promise<unknown> {
  return parseJson(files, await blobBytes(files, descriptor), "a manifest");
}

/** Throws `E_HASH_MISMATCH` where they are not what the descriptor says. */
async function blobBytes(files: ImageFiles, descriptor: unknown): Promise<Buffer> {
  const digest = digestIn(files, descriptor);
  const bytes = await readPlace(placed(files, blobName(files, descriptor)), MAX_JSON, "A manifest or config");
  const found = digestOf(bytes);
  if (found === digest) return bytes;
  throw new ImageDslError("E_HASH_MISMATCH", `A blob of "${files.shown}" has the digest ${found}, not ${digest}`, {
    hint: "It is damaged, or was changed after it was made: make it again",
  });
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

export function wrong({ shown }: Pick<ImageFiles, "shown">, what: string, hint?: string): ImageDslError {
  return new ImageDslError("E_BASE_IMAGE", `Cannot build on "${shown}": ${what}`, { hint });
}
