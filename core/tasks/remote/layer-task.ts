/**
 * The task of making layers, as a document: all that decides their bytes, and nothing of the host that wrote it. Contents are parts of blobs,
 * which are named by what is in them; who makes the bytes, and with which encoder, is said as well. So the document's digest is the
 * same wherever the same layers are wanted, and another as soon as one byte of them could be.
 */
import { GZIP, ZSTD, type Codec } from "../../compress/codec.ts";
import type { LayerRecipe } from "../../image/image.ts";
import { isDigest, type Digest } from "../../model/digest.ts";
import { isRecord, type Json } from "../../model/json.ts";
import { decodeTask, encodeTask, isListOf, unreadable } from "./task-document.ts";
import { decodeTravelling, encodeTravelling } from "./travelling-entries.ts";

/** Where the task leaves what it says of its layers, in its folder. */
export const RESULT_FILE = "out/layers.json";

export function layerPath(index: number): string {
  return `out/${index}`;
}

export interface LayerTask {
  readonly codec: Codec;
  /** What contents are parts of, each once. */
  readonly inputs: readonly Digest[];
  readonly layers: readonly PortableLayer[];
}

/** All contents are slices: `archive` is one of the task's inputs; of those without bytes it means nothing. */
export type PortableLayer = LayerRecipe;

/** `code`: who makes the bytes. */
export function encodeLayerTask({ codec, inputs, layers }: LayerTask, code: string): Uint8Array {
  return encodeTask("layers", code, {
    codec: codec.identity,
    inputs,
    layers: layers.map(({ entries }) => encodeTravelling(entries, inputs)),
  });
}

/** `folder`: where the inputs are. Throws as `decodeTask` does. */
export function decodeLayerTask(bytes: Uint8Array, code: string, folder: string): LayerTask {
  const { codec: identity, inputs, layers } = decodeTask(bytes, code);
  const codec = [GZIP, ZSTD].find((each) => each.identity === identity);
  if (codec === undefined || !isListOf(inputs, isDigest) || !isListOf(layers, isRecord)) {
    throw unreadable("it is not whole");
  }
  return {
    codec,
    inputs,
    layers: layers.map((layer) => ({ entries: decodeTravelling(layer as Json, inputs, folder) })),
  };
}
