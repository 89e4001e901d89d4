/** Making layers where nothing else is known of the build: from a task's folder, by the same code as at home. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Codec } from "../../compress/codec.ts";
import { compressStream } from "../../compress/compress-stream.ts";
import { encodeGzip } from "../../compress/encode-gzip.ts";
import { encodeZstd } from "../../compress/encode-zstd.ts";
import type { EncodePieceInput } from "../../compress/encoded-piece.ts";
import type { LayerRecipe } from "../../image/image.ts";
import { hashedTar } from "../../image/layer.ts";
import type { Digest } from "../../model/digest.ts";
import type { Tasks } from "../../model/tasks.ts";
import { writeHashed } from "../../store/write-hashed.ts";
import { decodeLayerTask, layerPath, RESULT_FILE } from "./layer-task.ts";
import type { LayerResult } from "./layer-result.ts";
import { TASK_FILE } from "./task-document.ts";
import { requireWholeInputs } from "./travelling-entries.ts";

/** Not loaded when needed, as at home: what is loaded at the start is what travels with a task. */
const ENCODERS = { gzip: encodeGzip, zstd: encodeZstd };

/** A process of its own has no threads to hand pieces to. */
const IN_THIS_THREAD: Pick<Tasks, "inWorker" | "jobs"> = {
  jobs: 1,
  inWorker: async <Input, Output>(_: string, input: Input) => {
    const { codec, memory, size } = input as unknown as EncodePieceInput;
    return (await ENCODERS[codec](new Uint8Array(memory, 0, size), new Uint8Array(memory))) as Output;
  },
};

/** Leaves the layers and what they are in the folder. Throws `E_REMOTE_TASK` where an input is not what its name says. */
export async function makeLayers(folder: string, code: string, signal: AbortSignal): Promise<void> {
  const { codec, inputs, layers } = decodeLayerTask(await readFile(join(folder, TASK_FILE)), code, folder);
  await requireWholeInputs(folder, inputs);
  await mkdir(dirname(join(folder, RESULT_FILE)), { recursive: true });
  const made: LayerResult[] = [];
  for (const [index, layer] of layers.entries()) {
    made.push(await makeLayer(layer, join(folder, layerPath(index)), codec, signal));
  }
  await writeFile(join(folder, RESULT_FILE), JSON.stringify(made));
}

async function makeLayer(recipe: LayerRecipe, file: string, codec: Codec, signal: AbortSignal): Promise<LayerResult> {
  let diffID: Digest | undefined;
  let size = 0;
  async function* tar(): AsyncGenerator<Uint8Array> {
    diffID = yield* hashedTar(recipe, signal);
  }
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      size += chunk.length;
      yield chunk;
    }
  }
  const compressed = compressStream(tar(), codec, { tasks: IN_THIS_THREAD, signal });
  const digest = await writeHashed(file, counted(compressed));
  return { diffID: diffID!, digest, size };
}
