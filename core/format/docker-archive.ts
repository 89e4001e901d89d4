/**
 * Writing docker archives (what `docker save` writes and `docker load` reads; moby, image/spec v1.2). Names are a
 * function of the image, and what needs digests comes last, so one pass over the layers suffices.
 */
import { hexOf, type Digest } from "../model/digest.ts";
import { archiveEnd, member, smallMember } from "./archive-member.ts";
import { namesIn, type ArchivedImage } from "./archived-image.ts";
import { legacyMembers } from "./legacy-archive.ts";

export interface DockerArchiveOptions {
  /**
   * So many layers from the bottom are named but not in it, as the reader has them: dockerd opens the file of a layer only where
   * it knows none with that content on those below. Of one image.
   */
  readonly leftOut?: number;
}

/**
 * The archive in chunks; a chunk is valid until the one after the next is asked for. Several images make a bundle: layers are
 * numbered over all of them and one that several share is written once, for which they are hashed first.
 */
export async function* dockerArchive(
  images: readonly ArchivedImage[],
  { leftOut = 0 }: DockerArchiveOptions = {},
): AsyncGenerator<Uint8Array> {
  // All of it first: a chunk that was handed out must not be overtaken by reading for a digest.
  const isLegacy = images.some(({ legacyArchive }) => legacyArchive);
  const keys = images.length > 1 || isLegacy ? await diffIDsOf(images) : undefined;
  const legacy = isLegacy ? legacyMembers(images, keys!) : undefined;
  const written = new Map<string, string>();
  const layerNames: string[][] = [];
  let count = 0;
  for (const [at, { image }] of images.entries()) {
    const names: string[] = [];
    for (const [index, layer] of image.layers.entries()) {
      const id = legacy?.folders[at]![index];
      const key = id ?? keys?.[at]?.[index];
      const known = key === undefined ? undefined : written.get(key);
      const name = known ?? `${id ?? `layer-${String(count++).padStart(3, "0")}`}/layer.tar`;
      names.push(name);
      if (known !== undefined || index < leftOut) continue;
      if (key !== undefined) written.set(key, name);
      // Our own are whole blocks already; a base's may be cut short.
      yield* member(name, layer.size, layer.open());
    }
    layerNames.push(names);
  }

  const manifest = [];
  const configs = new Set<string>();
  for (const [index, each] of images.entries()) {
    const { image } = each;
    const config = `${hexOf(await image.configDigest())}.json`;
    if (!configs.has(config)) yield* smallMember(config, await image.configBytes());
    configs.add(config);
    manifest.push({ Config: config, RepoTags: await namesIn(each), Layers: layerNames[index] });
  }
  for await (const { name, bytes } of legacy?.members() ?? []) yield* smallMember(name, bytes);
  yield* smallMember("manifest.json", Buffer.from(JSON.stringify(manifest)));
  yield archiveEnd();
}

async function diffIDsOf(images: readonly ArchivedImage[]): Promise<Digest[][]> {
  const all: Digest[][] = [];
  for (const { image } of images) {
    const ofImage: Digest[] = [];
    for (const layer of image.layers) ofImage.push(await layer.diffID());
    all.push(ofImage);
  }
  return all;
}
