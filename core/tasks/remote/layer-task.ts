/**
 * The task of making layers, as a document: all that decides their bytes, and nothing of the host that wrote it. Contents are parts of blobs,
 * which are named by what is in them; who makes the bytes, and with which encoder, is said as well. So the document's digest is the
 * same wherever the same layers are wanted, and another as soon as one byte of them could be.
 */
import { join } from "node:path";
import { GZIP, ZSTD, type Codec } from "../../compress/codec.ts";
import { ImageDslError } from "../../error.ts";
import type { LayerRecipe } from "../../image/image.ts";
import { FORMAT_VERSION } from "../../lock/lock-file.ts";
import { hexOf, isDigest, type Digest } from "../../model/digest.ts";
import type { Entry, FileEntry } from "../../model/entry.ts";
import { canonicalJson, isRecord, type Json } from "../../model/json.ts";
import { decodeEntries, encodeEntries } from "../../tar/entry-columns.ts";

/** Where a task finds and leaves its files, in its folder. */
export const TASK_FILE = "task.json";
export const RESULT_FILE = "out/layers.json";

export function inputPath(digest: Digest): string {
  return `in/${hexOf(digest)}`;
}

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
  const numbers = new Map(inputs.map((digest, index) => [digest, index]));
  const document: Json = {
    code,
    codec: codec.identity,
    format: FORMAT_VERSION,
    inputs,
    layers: layers.map(({ entries }) => ({
      entries: encodeEntries(entries),
      inputs: entries.filter(isFile).map(({ content }) => inputOf(content, numbers)),
    })),
  };
  return Buffer.from(canonicalJson(document));
}

/** Who makes layers reads nothing but what its own code has written. `folder`: where the inputs are. */
export function decodeLayerTask(bytes: Uint8Array, code: string, folder: string): LayerTask {
  const document = parsed(Buffer.from(bytes).toString());
  if (!isRecord(document)) throw unreadable("it is no object");
  if (document["code"] !== code || document["format"] !== FORMAT_VERSION) {
    throw unreadable("another image-dsl has written it");
  }
  const codec = [GZIP, ZSTD].find(({ identity }) => identity === document["codec"]);
  const { inputs, layers } = document;
  if (codec === undefined || !isList(inputs, isDigest) || !isList(layers, isRecord)) {
    throw unreadable("it is not whole");
  }
  return { codec, inputs, layers: layers.map((layer) => decodeLayer(layer, inputs, folder)) };
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeLayer(layer: Record<string, unknown>, inputs: readonly Digest[], folder: string): PortableLayer {
  const numbers = layer["inputs"];
  const entries = decodeEntries(layer["entries"] as Json, { file: "", archive: "" as Digest });
  if (entries === undefined || !isList(numbers, isNumber)) throw unreadable("a layer of it is not whole");
  let file = 0;
  return {
    entries: entries.map((entry) => {
      if (!isFile(entry) || entry.content.kind !== "slice") return entry;
      const archive = inputs[numbers[file++]!];
      if (archive === undefined) {
        if (entry.size > 0) throw unreadable("a content of it is nowhere");
        return entry;
      }
      return { ...entry, content: { ...entry.content, archive, file: join(folder, inputPath(archive)) } };
    }),
  };
}

/** −1 of what has no bytes. */
function inputOf(content: FileEntry["content"], numbers: ReadonlyMap<Digest, number>): number {
  if (content.kind !== "slice") throw new Error("A content that is no part of an input does not travel");
  return numbers.get(content.archive) ?? -1;
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.type === "file";
}

function isList<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value);
}

function unreadable(why: string): ImageDslError {
  return new ImageDslError("E_REMOTE_TASK", `The task cannot be read: ${why}`);
}
