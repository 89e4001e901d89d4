/**
 * Which images an archive holds: by `manifest.json` (docker save, skopeo, podman, image-dsl), else by the `index.json`
 * of an OCI layout (OCI image spec, image-layout.md).
 */
import {
  INDEX_TYPES,
  blobPath,
  checkDocument,
  checkLayerCount,
  displayBytes,
  encodeText,
  isNoImage,
  isRecord,
  isTexts,
  namedImages,
  namesOf,
  parseJson,
  readAt,
  readIndex,
  readManifest,
  storedIndex,
  unsound,
  walkIndex,
  type Descriptor,
  type FilePlace,
  type ImageIndex,
  type StoredImage,
  type StoredParts,
} from "../../core/index.ts";
import { readPlace, type ImageFiles } from "./files.ts";

/** In the archive's order. Throws `E_BASE_IMAGE` for what is no image archive. */
export async function listImages(files: ImageFiles): Promise<readonly StoredImage[]> {
  const { shown } = files;
  const docker = dockerManifest(files);
  if (docker !== undefined)
    return dockerImages(
      files,
      parseJson(shown, await readPlace(docker, "oci.document", "manifest.json"), "manifest.json"),
    );
  const index = files.find("index.json");
  if (index !== undefined) return ociImages(files, await readPlace(index, "oci.document", "index.json"));
  throw unsound(
    shown,
    "neither manifest.json nor index.json is a file in it",
    "Give a docker archive, an OCI archive or the folder of an OCI layout",
  );
}

/** An archive may be read in both ways, and is then Docker's. */
export function isDockerArchive(files: ImageFiles): boolean {
  return dockerManifest(files) !== undefined;
}

function dockerManifest(files: ImageFiles): FilePlace | undefined {
  return files.find("manifest.json");
}

function dockerImages(files: ImageFiles, manifest: unknown): readonly StoredImage[] {
  const { shown } = files;
  if (!Array.isArray(manifest)) throw unsound(shown, "its manifest.json is no list");
  return manifest.map((image: unknown) => {
    if (!isRecord(image) || typeof image["Config"] !== "string" || !isTexts(image["Layers"])) {
      throw unsound(shown, "an image in its manifest.json lacks Config or Layers");
    }
    const { Config: config, Layers: layers, RepoTags: tags } = image;
    checkLayerCount(shown, layers);
    return {
      names: isTexts(tags) ? tags : [],
      identity: config,
      read: async () => {
        const places = layers.map((name) => placed(files, name));
        return {
          config: await readPlace(placed(files, config), "oci.document", "The config"),
          layers: places.map((place) => ({ place: () => Promise.resolve(place) })),
        };
      },
    };
  });
}

async function ociImages(files: ImageFiles, index: Uint8Array): Promise<readonly StoredImage[]> {
  const listed = await walkIndex(files.shown, index, undefined, reader(files));
  return listed.map(({ names, nameInLayout, descriptor }) => ({
    names,
    ...(nameInLayout !== undefined && { nameInLayout }),
    identity: descriptor.digest,
    ...(descriptor.platform && { platform: descriptor.platform }),
    read: () => readParts(files, descriptor),
  }));
}

/** The index that the wish means, where it is one. */
export async function namedIndex(
  files: ImageFiles,
  wish: Parameters<typeof namedImages>[1],
): Promise<ImageIndex | undefined> {
  const { shown } = files;
  const place = isDockerArchive(files) ? undefined : files.find("index.json");
  if (place === undefined) return undefined;
  const listed = readIndex(shown, await readPlace(place, "oci.document", "index.json"));
  const all = listed.filter((each) => !isNoImage(each)).map((each) => ({ names: namesOf(each), descriptor: each }));
  const [meant, ...others] = namedImages(all, wish);
  if (meant === undefined || others.length > 0 || !INDEX_TYPES.has(meant.descriptor.mediaType)) return undefined;
  const read = reader(files);
  const { mediaType, digest, size } = meant.descriptor;
  const bytes = await read(meant.descriptor);
  if (bytes === undefined) return undefined;
  const images = await walkIndex(shown, bytes, mediaType, read);
  return storedIndex({ descriptor: { mediaType, digest, size }, bytes }, images, {
    shown,
    read,
    blob: (descriptor) => blobOf(files, descriptor).blob,
  });
}

/** A layout need not hold all that its index speaks of. */
function reader(files: ImageFiles) {
  return async (descriptor: Descriptor) =>
    files.find(blobPath(descriptor.digest)) && (await document(files, descriptor));
}

async function readParts(files: ImageFiles, descriptor: Descriptor): Promise<StoredParts> {
  const bytes = await document(files, descriptor);
  const manifest = readManifest(files.shown, bytes, descriptor.mediaType);
  const { mediaType: type, digest: own, size: length } = descriptor;
  return {
    manifest: { descriptor: { mediaType: type, digest: own, size: length }, bytes },
    config: await document(files, manifest.config),
    layers: manifest.layers.map((layer) => blobOf(files, layer)),
  };
}

function blobOf(files: ImageFiles, { mediaType, digest, size }: Descriptor) {
  const place = placedBlob(files, { mediaType, digest, size });
  return { place: () => Promise.resolve(place), blob: { mediaType, digest, size, open: () => readAt(place) } };
}

/** An index, a manifest or a config. Throws `E_HASH_MISMATCH` where it is not what its descriptor says. */
async function document(files: ImageFiles, descriptor: Descriptor): Promise<Buffer> {
  const bytes = await readPlace(placedBlob(files, descriptor), "oci.document", "A manifest or config");
  checkDocument(files.shown, bytes, descriptor);
  return bytes;
}

function placedBlob(files: ImageFiles, { digest, size }: Descriptor): FilePlace {
  const place = placed(files, blobPath(digest));
  if (place.size === size) return place;
  throw unsound(files.shown, `${digest} has ${place.size} bytes, and its descriptor says ${size}`);
}

function placed(files: ImageFiles, name: string): FilePlace {
  const place = files.find(name);
  if (place === undefined) {
    throw unsound(files.shown, `${displayBytes(encodeText(name))}, which it speaks of, is not in it`);
  }
  return place;
}
