/**
 * Writing docker archives (what `docker save` writes and `docker load` reads; moby, image/spec v1.2). Names are a
 * function of the image, and what needs digests comes last, so one pass over the layers suffices.
 */
import { hexOf, type Digest } from "../model/digest.ts";
import type { FileEntry } from "../model/entry.ts";
import { treePath } from "../model/path.ts";
import { headerSize, paddedSize, writeHeader } from "../tar/header.ts";
import { END_SIZE } from "../tar/pieces.ts";
import type { ArchivedImage } from "./archived-image.ts";
import { legacyMembers } from "./legacy-archive.ts";
import { inlineFile } from "../tree/inline-file.ts";

/**
 * The archive in chunks; a chunk is valid until the one after the next is asked for. Several images make a bundle: layers are
 * numbered over all of them and one that several share is written once, for which they are hashed first.
 */
export async function* dockerArchive(images: readonly ArchivedImage[]): AsyncGenerator<Uint8Array> {
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
      if (known !== undefined) continue;
      if (key !== undefined) written.set(key, name);
      yield memberHeader(name, layer.size);
      yield* layer.open();
      // Our own are whole blocks already; a base's may be cut short.
      yield Buffer.alloc(paddedSize(layer.size) - layer.size);
    }
    layerNames.push(names);
  }

  const manifest = [];
  const configs = new Set<string>();
  for (const [index, { image, reference }] of images.entries()) {
    const config = `${hexOf(await image.configDigest())}.json`;
    if (!configs.has(config)) yield* smallMember(config, await image.configBytes());
    configs.add(config);
    manifest.push({ Config: config, RepoTags: [await reference()], Layers: layerNames[index] });
  }
  for await (const { name, bytes } of legacy?.members() ?? []) yield* smallMember(name, bytes);
  yield* smallMember("manifest.json", Buffer.from(JSON.stringify(manifest)));
  yield Buffer.alloc(END_SIZE);
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

function* smallMember(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield memberHeader(name, bytes.length);
  yield bytes;
  yield Buffer.alloc(paddedSize(bytes.length) - bytes.length);
}

function memberHeader(name: string, size: number): Uint8Array {
  // A header says nothing of the bytes behind it but their number.
  const entry: FileEntry = { ...inlineFile(treePath(name), new Uint8Array(0)), size };
  const header = Buffer.alloc(headerSize(entry));
  writeHeader(header, 0, entry);
  return header;
}
