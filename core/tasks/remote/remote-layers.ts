/**
 * Layers that other machines make while this one builds on. They are put together to tasks of a second or more; each goes where it would be
 * done sooner; and whatever goes wrong there, the layer is made here, which is said once for each kind of failure.
 */
import { join } from "node:path";
import { GZIP, ZSTD, type Codec } from "../../compress/codec.ts";
import { ImageDslError, messageOf } from "../../error.ts";
import type { ErrorCode } from "../../error-codes.ts";
import { ticks } from "../../host.ts";
import type { LayerRecipe } from "../../image/image.ts";
import type { BuildEvent } from "../../model/event.ts";
import type { LayerCodec, LayerFromElsewhere, LayersElsewhere } from "../../model/layers-elsewhere.ts";
import type { RemoteWorkers } from "../../model/remote-work.ts";
import { semaphore } from "../../model/semaphore.ts";
import type { Store } from "../../store/store.ts";
import { tarSize } from "../../tar/writer.ts";
import { makeElsewhere } from "./layer-batch.ts";
import type { RunnerTool } from "./runner-tool.ts";
import { WORK_RATES, workLedger, type WorkRates } from "./work-ledger.ts";

/** A second of work or two. */
const BATCH_BYTES = 64 * 1024 * 1024;
/** Of a tar's bytes, those of its compressed form, as a rule. */
const RETURNED = 0.4;
/** What a byte takes, where one with gzip takes 1. */
const EFFORT: Readonly<Record<LayerCodec, number>> = { gzip: 1, zstd: 0.55 };
/** After so many failed tasks, or one that nobody could be asked for, no other goes. */
const MOST_FAILURES = 3;

export interface RemoteLayersOptions {
  readonly workers: RemoteWorkers;
  readonly tool: RunnerTool;
  readonly rates?: WorkRates | undefined;
  /** Threads that make layers here. */
  readonly jobs: number;
  readonly store: Store;
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** Say of each task where it was done, and why there. */
  readonly explain: boolean;
}

/** A layer of which nothing is known. */
export interface WantedLayer {
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly recipe: LayerRecipe;
}

export interface RemoteLayers extends LayersElsewhere {
  /** They will be asked for. */
  begin(layers: readonly WantedLayer[], codec: LayerCodec): void;
  /** Ends what is under way. What was made is gone then. */
  close(): Promise<void>;
}

interface Batch {
  readonly codec: Codec;
  readonly layers: BegunLayer[];
  size: number;
}

interface BegunLayer extends WantedLayer {
  readonly made: Promise<LayerFromElsewhere | undefined>;
  settle(made: LayerFromElsewhere | undefined): void;
}

const CODECS: Readonly<Record<LayerCodec, Codec>> = { gzip: GZIP, zstd: ZSTD };

export async function remoteLayers({
  workers,
  tool,
  rates = WORK_RATES,
  jobs,
  store,
  emit,
  signal,
  explain,
}: RemoteLayersOptions): Promise<RemoteLayers> {
  const directory = await store.temporaryDirectory("remote");
  const ledger = workLedger(rates, jobs, workers.jobs);
  const inTurn = semaphore(workers.jobs);
  const begun = new Map<string, BegunLayer>();
  /** Of those, what is not known to be made here. */
  const away = new Set<string>();
  const gathering = new Map<LayerCodec, Batch>();
  const sent: Promise<void>[] = [];
  const told = new Set<ErrorCode>();
  let files = 0;
  let failures = 0;
  let isClosed = false;
  const places = { workers, tool, store, signal, newFile: () => join(directory.path, String(files++)) };

  function begin(layers: readonly WantedLayer[], codec: LayerCodec): void {
    for (const layer of layers) {
      const name = `${codec} ${layer.key}`;
      if (begun.has(name)) continue;
      const wanted = begunLayer(layer);
      begun.set(name, wanted);
      away.add(name);
      const batch = gathering.get(codec) ?? { codec: CODECS[codec], layers: [], size: 0 };
      batch.layers.push(wanted);
      batch.size += tarSize(layer.recipe.entries);
      gathering.set(codec, batch);
      if (batch.size >= BATCH_BYTES) send(codec);
    }
  }

  function send(codec: LayerCodec): void {
    const batch = gathering.get(codec);
    if (batch === undefined) return;
    gathering.delete(codec);
    sent.push(inTurn(() => make(batch)).then((made) => settle(batch, made)));
  }

  function settle({ codec, layers }: Batch, made: readonly LayerFromElsewhere[] | undefined): void {
    for (const [index, layer] of layers.entries()) {
      if (made === undefined) away.delete(`${codec.name} ${layer.key}`);
      layer.settle(made?.[index]);
    }
  }

  /** Never fails. */
  async function make(batch: Batch): Promise<readonly LayerFromElsewhere[] | undefined> {
    const { codec, layers, size } = batch;
    if (isOver()) return undefined;
    const returned = size * RETURNED;
    const work = workOf(batch);
    if (failures >= MOST_FAILURES) return atHome(batch, "other work failed there");
    if (!ledger.wouldGo(work, returned)) return atHome(batch, "it is done here sooner");
    const limits = { maySend: (bytes: number) => ledger.goesAway(work, bytes + returned), moved: ledger.moved };
    const began = ticks();
    try {
      const recipes = layers.map(({ recipe }) => recipe);
      const made = await makeElsewhere(recipes, size, codec, limits, places);
      if (made === undefined) return tellWhere(batch, "made here: to send what it needs takes longer");
      const seconds = ((ticks() - began) / 1000).toFixed(1);
      tellWhere(
        batch,
        made.worker === undefined ? `known to ${workers.place}` : `made by ${made.worker} in ${seconds} s`,
      );
      return made.layers;
    } catch (error) {
      if (isOver()) return undefined;
      tellFailure(error);
      return atHome(batch, messageOf(error));
    }
  }

  /** Nobody asks for anything any more: what ends then has not failed. */
  function isOver(): boolean {
    return isClosed || signal.aborted;
  }

  function atHome(batch: Batch, why: string): undefined {
    ledger.stays(workOf(batch));
    return tellWhere(batch, `made here: ${why}`);
  }

  function tellWhere({ layers, size }: Batch, where: string): undefined {
    if (!explain) return;
    const [first] = layers;
    const what =
      layers.length === 1 ? `A layer (${first!.name})` : `${layers.length} layers (the first: ${first!.name})`;
    emit({ type: "note", message: `${what} of ${Math.ceil(size / 1e6)} MB: ${where}` });
  }

  function tellFailure(error: unknown): void {
    const code = error instanceof ImageDslError ? error.code : "E_REMOTE";
    // It is met again here, and told with what to do.
    if (code === "E_CONTENT_CHANGED" || code === "E_CONTENT_UNREADABLE") return;
    failures += code === "E_REMOTE" ? MOST_FAILURES : 1;
    if (told.has(code)) return;
    told.add(code);
    emit({
      type: "warning",
      code,
      message: `Layers that ${workers.place} was to make are made here: ${messageOf(error)}`,
      ...(error instanceof ImageDslError && error.hint !== undefined && { hint: error.hint }),
    });
  }

  return {
    begin,
    async find(key, codec) {
      const layer = begun.get(`${codec} ${key}`);
      if (layer === undefined) return undefined;
      // Whoever waits for one that is still being gathered has nothing more to add.
      if (gathering.get(codec)?.layers.includes(layer)) send(codec);
      return layer.made;
    },
    isAway: (key, codec) => away.has(`${codec} ${key}`),
    async close() {
      isClosed = true;
      await workers.close();
      await Promise.all(sent);
      await directory.dispose();
    },
  };
}

function workOf({ codec, size }: Batch): number {
  return size * EFFORT[codec.name];
}

function begunLayer(layer: WantedLayer): BegunLayer {
  let settle!: (made: LayerFromElsewhere | undefined) => void;
  const made = new Promise<LayerFromElsewhere | undefined>((resolve) => (settle = resolve));
  return { ...layer, made, settle };
}
