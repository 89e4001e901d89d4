/**
 * Which images an archive holds: by `manifest.json` (docker save, skopeo, podman, image-dsl), else by the `index.json`
 * of an OCI layout (OCI image spec, image-layout.md, image-index.md, manifest.md).
 */
import { ImageDslError, parseDigest, type Platform } from "../../core/index.ts";
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
/** An index may point to further ones. */
const MAX_DEPTH = 4;
const MAX_IMAGES = 10_000;

/** In the archive's order. Throws `E_BASE_IMAGE` for what is no image archive. */
export async function listImages(files: ImageFiles): Promise<readonly StoredImage[]> {
  const docker = files.find("manifest.json");
  if (docker !== undefined) return dockerImages(files, await readJson(files, docker, "manifest.json"));
  const index = files.find("index.json");
  if (index !== undefined) return ociImages(files, await readJson(files, index, "index.json"), 0);
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
        config: await readPlace(placed(files, config), MAX_JSON, config),
        layers: layers.map((name) => placed(files, name)),
      }),
    };
  });
}

async function ociImages(files: ImageFiles, index: unknown, depth: number): Promise<readonly StoredImage[]> {
  if (!isRecord(index) || !Array.isArray(index["manifests"])) throw wrong(files, "its index has no list of manifests");
  if (depth > MAX_DEPTH || index["manifests"].length > MAX_IMAGES)
    throw wrong(files, "its index is too large or too deep");
  const found: StoredImage[] = [];
  for (const descriptor of index["manifests"] as readonly unknown[]) {
    if (!isRecord(descriptor)) throw wrong(files, "its index holds what is no descriptor");
    const blob = blobOf(files, descriptor);
    const content = await readJson(files, blob, "a manifest");
    const names = namesOf(descriptor);
    if (isRecord(content) && Array.isArray(content["manifests"])) {
      const inner = await ociImages(files, content, depth + 1);
      found.push(...inner.map((image) => ({ ...image, names: [...names, ...image.names] })));
    } else if (isRecord(content) && isRecord(content["config"]) && Array.isArray(content["layers"])) {
      const { config, layers } = content as { config: Record<string, unknown>; layers: unknown[] };
      const platform = platformOf(descriptor["platform"]);
      found.push({
        names,
        ...(platform && { platform }),
        read: async () => ({
          config: await readPlace(blobOf(files, config), MAX_JSON, "the image's config"),
          layers: layers.map((layer) => blobOf(files, layer)),
        }),
      });
    }
  }
  return found;
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

function blobOf(files: ImageFiles, descriptor: unknown): FilePlace {
  const digest = isRecord(descriptor) ? descriptor["digest"] : undefined;
  if (typeof digest !== "string") throw wrong(files, "a descriptor in it has no digest");
  return placed(files, `blobs/${parseDigest(digest).replace(":", "/")}`);
}

function placed(files: ImageFiles, name: string): FilePlace {
  const place = files.find(name);
  if (place === undefined) throw wrong(files, `${name}, which it speaks of, is not in it`);
  return place;
}

async function readJson(files: ImageFiles, place: FilePlace, name: string): Promise<unknown> {
  const bytes = await readPlace(place, MAX_JSON, name);
  try {
    return JSON.parse(bytes.toString("utf8")) as unknown;
  } catch (cause) {
    throw wrong(files, `${name} in it is no JSON`, undefined, cause);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function wrong(
  { shown }: Pick<ImageFiles, "shown">,
  what: string,
  hint?: string,
  cause?: unknown,
): ImageDslError {
  return new ImageDslError("E_BASE_IMAGE", `Cannot build on "${shown}": ${what}`, { hint, cause });
}
