/**
 * Layers that come back from other machines. Nothing is believed: what is kept has the length and the digest that were said of it, and
 * decompresses to as many bytes as the layer's tar has, of the diffID that was said.
 */
import { createHash } from "node:crypto";
import type { Codec } from "../../compress/codec.ts";
import { decompress } from "../../compress/decompress.ts";
import { ImageDslError } from "../../error.ts";
import { gathered } from "../../http/gathered.ts";
import type { LayerRecipe } from "../../image/image.ts";
import { digestFromHex, type Digest } from "../../model/digest.ts";
import type { LayerFacts, MadeLayer } from "../../model/made-layer.ts";
import type { RemoteAnswer, RemoteBlob, RemoteWorkers } from "../../model/remote-work.ts";
import { streamRegular } from "../../regular-file.ts";
import { writeHashed } from "../../store/write-hashed.ts";
import { tarSize } from "../../tar/writer.ts";
import { interruptible } from "../../tree/turns.ts";
import { readMadeLayers } from "./layer-result.ts";
import { layerPath, RESULT_FILE } from "./layer-task.ts";

const READ_BYTES = 1024 * 1024;
/** Some 200 a layer. */
const MOST_RESULT_BYTES = 1024 * 1024;
/** Bytes that a codec adds to what it cannot make smaller, beside a part of it. */
const SLACK = 64 * 1024;
const FORMATS = { gzip: "gz", zstd: "zst" } as const;

interface ReturnPlaces {
  readonly workers: Pick<RemoteWorkers, "read">;
  /** A path where nothing is yet. */
  readonly newFile: () => string;
  readonly signal: AbortSignal;
}

/** Throws `E_HASH_MISMATCH` for what is not what it should be. */
export async function takeLayers(
  { outputs }: RemoteAnswer,
  recipes: readonly LayerRecipe[],
  codec: Codec,
  places: ReturnPlaces,
): Promise<readonly MadeLayer[]> {
  const blobs = new Map(outputs.map(({ path, blob }) => [path, blob]));
  const made = readMadeLayers(await readResult(blobs.get(RESULT_FILE), places), recipes.length);
  if (made === undefined) throw wrong("what it says of its layers cannot be read");
  const taken: MadeLayer[] = [];
  for (const [index, layer] of made.entries()) {
    const blob = blobs.get(layerPath(index));
    if (blob?.digest !== layer.digest || blob.size !== layer.size) throw wrong("it says two things of one layer");
    taken.push(await takeLayer(layer, tarSize(recipes[index]!.entries), codec, places));
  }
  return taken;
}

async function readResult(blob: RemoteBlob | undefined, { workers }: ReturnPlaces): Promise<string> {
  if (blob === undefined || blob.size > MOST_RESULT_BYTES) throw wrong("it says nothing of its layers");
  return (await gathered(workers.read(blob))).toString();
}

/** `tarBytes`: of what it decompresses to. Throws `E_HASH_MISMATCH`. */
export async function takeLayer(
  { diffID, digest, size }: LayerFacts,
  tarBytes: number,
  codec: Codec,
  { workers, newFile, signal }: ReturnPlaces,
): Promise<MadeLayer> {
  if (size > tarBytes + tarBytes / 32 + SLACK) throw wrong("a layer is larger than what is in it");
  const file = newFile();
  const open = (): AsyncIterable<Uint8Array> => interruptible(streamRegular(file, READ_BYTES), signal);
  const found = await writeHashed(file, workers.read({ digest, size }));
  const isWhole = found === digest && (await tarDigest(open(), codec, tarBytes)) === diffID;
  if (!isWhole) throw wrong("a layer is not what it is said to be");
  return { known: { diffID, digest, size }, open };
}

/** Undefined where it is not of this size. */
async function tarDigest(bytes: AsyncIterable<Uint8Array>, codec: Codec, size: number): Promise<Digest | undefined> {
  const hash = createHash("sha256");
  let left = size;
  for await (const chunk of decompress(bytes, FORMATS[codec.name])) {
    left -= chunk.length;
    if (left < 0) return undefined;
    hash.update(chunk);
  }
  return left === 0 ? digestFromHex(hash.digest("hex")) : undefined;
}

function wrong(why: string): ImageDslError {
  return new ImageDslError("E_HASH_MISMATCH", `What another machine has made is refused: ${why}`);
}
