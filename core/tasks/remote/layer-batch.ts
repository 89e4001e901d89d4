/** Layers that one task makes: put together, and what it needs brought to where it runs. */
import type { Codec } from "../../compress/codec.ts";
import { ImageDslError } from "../../error.ts";
import { ticks } from "../../host.ts";
import type { LayerRecipe } from "../../image/image.ts";
import type { LayerFromElsewhere } from "../../model/layers-elsewhere.ts";
import { digestOf } from "../../model/digest.ts";
import { oneChunk } from "../../model/one-chunk.ts";
import type { RemoteAnswer, RemoteTask, RemoteWorkers } from "../../model/remote-work.ts";
import { takeLayers } from "./layer-return.ts";
import { encodeLayerTask, inputPath, layerPath, RESULT_FILE, TASK_FILE } from "./layer-task.ts";
import { portableLayers, type PortablePlaces, type TaskInput } from "./portable-layers.ts";
import type { RunnerTool } from "./runner-tool.ts";

/** Where workers look for Node; they know themselves what else there is. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
/** A task has this long, and a second for each of so many bytes: ten times what it takes. */
const SECONDS = 60;
const BYTES_A_SECOND = 5e6;
/** Storage that deletes again and again what a task needs, or what it made, has too little room to wait for. */
const MOST_ATTEMPTS = 3;

export interface BatchPlaces extends PortablePlaces {
  readonly workers: RemoteWorkers;
  readonly tool: RunnerTool;
  /** Where a layer is put that comes back. */
  readonly newFile: () => string;
}

/** How far it may go, and who hears how fast it went. */
export interface BatchLimits {
  /** Asked once it is known how many bytes would have to be sent. */
  maySend(bytes: number): boolean;
  moved(bytes: number, seconds: number): void;
}

/** Of what was sent before, and has to be sent again. */
const UNLIMITED: BatchLimits = { maySend: () => true, moved: () => {} };

export interface MadeElsewhere {
  readonly layers: readonly LayerFromElsewhere[];
  /** Who made them; undefined where they were there already. */
  readonly worker: string | undefined;
}

/** `size`: of their tars. Undefined where it may not go. Throws what the workers throw, and what reading contents throws. */
export async function makeElsewhere(
  recipes: readonly LayerRecipe[],
  size: number,
  codec: Codec,
  limits: BatchLimits,
  places: BatchPlaces,
): Promise<MadeElsewhere | undefined> {
  const { workers, tool, signal } = places;
  const { layers, inputs } = await portableLayers(recipes, places);
  const digests = inputs.map(({ blob }) => blob.digest);
  const document = inMemory(encodeLayerTask({ codec, inputs: digests, layers }, tool.code));
  const needed = [document, ...tool.files.map(({ bytes }) => inMemory(bytes)), ...inputs];
  const task: RemoteTask = {
    kind: "layers",
    command: tool.command,
    files: [
      { path: TASK_FILE, blob: document.blob },
      ...tool.files.map(({ path, blob }) => ({ path, blob })),
      ...digests.map((digest, index) => ({ path: inputPath(digest), blob: inputs[index]!.blob })),
    ],
    platform: {},
    environment: ENVIRONMENT,
    outputs: [RESULT_FILE, ...recipes.map((_, index) => layerPath(index))],
    timeoutSeconds: SECONDS + Math.ceil(size / BYTES_A_SECOND),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const known = await workers.lookup(task, signal);
      const answer = known ?? (await sendAndRun(task, needed, attempt === 1 ? limits : UNLIMITED, places));
      if (answer === undefined) return undefined;
      const worker = answer.isCached ? undefined : (answer.worker ?? workers.place);
      return { worker, layers: await takeLayers(answer, recipes, codec, places) };
    } catch (error) {
      const isMissing = error instanceof ImageDslError && error.code === "E_REMOTE_MISSING";
      if (!isMissing || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

async function sendAndRun(
  task: RemoteTask,
  needed: readonly TaskInput[],
  limits: BatchLimits,
  { workers, signal }: BatchPlaces,
): Promise<RemoteAnswer | undefined> {
  const inputs = new Map(needed.map((input) => [input.blob.digest, input]));
  const missing = await workers.missing([...inputs.values()].map(({ blob }) => blob));
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  if (!limits.maySend(bytes)) return undefined;
  const began = ticks();
  for (const { digest } of missing) {
    signal.throwIfAborted();
    const { blob, open } = inputs.get(digest)!;
    await workers.write(blob, open);
  }
  limits.moved(bytes, (ticks() - began) / 1000);
  return workers.run(task, signal);
}

function inMemory(bytes: Uint8Array): TaskInput {
  return {
    blob: { digest: digestOf(bytes), size: bytes.length },
    open: () => oneChunk(bytes),
  };
}
