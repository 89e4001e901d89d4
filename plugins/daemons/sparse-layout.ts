/**
 * An OCI layout that lacks the layers which a storage has: podman and skopeo ask their storage for each layer before they read it.
 * Layers are not compressed in it, so that their digests are those that the storage knows them by.
 */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import {
  blobPath,
  digestOf,
  MEDIA_TYPE,
  sizeText,
  writeChunks,
  oneChunk,
  type BuildContext,
  type Image,
} from "../../core/index.ts";
import { withProgress } from "./with-progress.ts";

/** Writes it into a folder, which is made, and tells how much of the image is in it. `present`: diffIDs. */
export async function writeSparseLayout(
  folder: string,
  image: Image,
  present: ReadonlySet<string>,
  context: Pick<BuildContext, "emit" | "signal">,
): Promise<string> {
  const write = (path: string, chunks: AsyncIterable<Uint8Array>) =>
    writeChunks(join(folder, path), chunks, context.signal);
  const put = async (mediaType: string, bytes: Uint8Array) => {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await write(blobPath(descriptor.digest), oneChunk(bytes));
    return descriptor;
  };
  let [count, size] = [0, 0];
  const layers = [];
  for (const layer of image.layers) {
    const known = layer.knownDiffID();
    if (known === undefined || !present.has(known)) {
      await write(UNNAMED, withProgress(layer.open(), "giving layers", context));
      await rename(join(folder, UNNAMED), join(folder, blobPath(await layer.diffID())));
      count++;
      size += layer.size;
    }
    layers.push({ mediaType: LAYER, digest: await layer.diffID(), size: layer.size });
  }
  const config = await put(MEDIA_TYPE.oci.config, await image.configBytes());
  const { manifest: mediaType, index } = MEDIA_TYPE.oci;
  const manifest = await put(mediaType, json({ schemaVersion: 2, mediaType, config, layers }));
  await write("index.json", oneChunk(json({ schemaVersion: 2, mediaType: index, manifests: [manifest] })));
  await write("oci-layout", oneChunk(json({ imageLayoutVersion: "1.0.0" })));
  return givenText(image, count, size);
}

/** `1 of 40 layers, 2 kB`. */
export function givenText({ layers }: Image, count: number, size: number): string {
  return `${count} of ${layers.length} layers, ${sizeText(size)}`;
}

const LAYER = "application/vnd.oci.image.layer.v1.tar";
/** A layer is called by its digest, which is known once all of it is there. */
const UNNAMED = "blobs/sha256/layer";

function json(document: object): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}
