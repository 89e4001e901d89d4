/**
 * Layers that other machines may make while this one builds on, each once. Small ones are put together to pieces of work of a second or more, when
 * all are known: which of them share one hangs on what is built, and not on which image came first, so that another checkout asks for the same.
 */
import { join } from "node:path";
import { GZIP, ZSTD, type Codec } from "../../compress/codec.ts";
import type { LayerCodec, MadeLayer } from "../../model/made-layer.ts";
import type { Store } from "../../store/store.ts";
import { tarSize } from "../../tar/writer.ts";
import type { LayersOfSession, WantedLayer } from "../layers-of-session.ts";
import type { WorkPlaces } from "../places/work-places.ts";
import { knownLayerWork, layersWork } from "./layers-work.ts";
import type { RunnerTool } from "./runner-tool.ts";

/** A second of work or two. */
const BATCH_BYTES = 64 * 1024 * 1024;
/** One that is as large is work by itself, and known wherever it is wanted again, whatever is made beside it. */
const LARGE_BYTES = BATCH_BYTES / 4;

export interface RemoteLayersOptions {
  readonly places: WorkPlaces;
  readonly tool: RunnerTool;
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Those that do not come from elsewhere. */
  readonly here: LayersOfSession;
}

interface BegunLayer extends WantedLayer {
  /** Bytes of its tar. */
  readonly size: number;
  /** The first image that has it, and where in that. */
  place: readonly [image: number, layer: number];
  readonly made: Promise<MadeLayer>;
  settle(made: MadeLayer): void;
}

const CODECS: Readonly<Record<LayerCodec, Codec>> = { gzip: GZIP, zstd: ZSTD };

export async function remoteLayers({
  places,
  tool,
  store,
  signal,
  here,
}: RemoteLayersOptions): Promise<LayersOfSession> {
  const directory = await store.temporaryDirectory("remote");
  const begun = new Map<string, BegunLayer>();
  /** Of those, what is not known to be made here. */
  const away = new Set<string>();
  const gathering = new Map<LayerCodec, BegunLayer[]>();
  let files = 0;
  const workPlaces = { tool, store, signal, newFile: () => join(directory.path, String(files++)) };

  function begin(layers: readonly WantedLayer[], codec: LayerCodec, image: number): void {
    // Some of them will be made here.
    here.begin(layers, codec, image);
    for (const [index, layer] of layers.entries()) {
      const name = `${codec} ${layer.key}`;
      const known = begun.get(name);
      if (known !== undefined) {
        if (image < known.place[0]) known.place = [image, index];
        continue;
      }
      const wanted = begunLayer(layer, [image, index]);
      begun.set(name, wanted);
      away.add(name);
      if (wanted.size >= LARGE_BYTES) send([wanted], codec);
      else if (gathering.has(codec)) gathering.get(codec)!.push(wanted);
      else gathering.set(codec, [wanted]);
    }
  }

  function sendGathered(codec: LayerCodec): void {
    const gathered = gathering.get(codec) ?? [];
    gathering.delete(codec);
    for (const batch of batches(gathered.toSorted(byPlace))) send(batch, codec);
  }

  function send(layers: readonly BegunLayer[], codec: LayerCodec): void {
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    const work = layersWork(layers, size, CODECS[codec], workPlaces);
    void places.run(work).then((made) => settle(layers, codec, made));
  }

  function settle(layers: readonly BegunLayer[], codec: LayerCodec, made: readonly MadeLayer[]): void {
    for (const [index, layer] of layers.entries()) {
      const { known } = made[index]!;
      if (known === undefined) away.delete(`${codec} ${layer.key}`);
      layer.settle(made[index]!);
    }
  }

  return {
    begin,
    async make(key, codec) {
      const layer = begun.get(`${codec} ${key}`);
      if (layer === undefined) return here.make(key, codec);
      // Whoever waits for one has nothing more to add.
      sendGathered(codec);
      return layer.made;
    },
    fetch: (layer, codec) => places.run(knownLayerWork(layer, CODECS[codec], workPlaces)),
    isAway: (key, codec) => away.has(`${codec} ${key}`),
    async close() {
      await Promise.all([places.close(), here.close()]);
      await directory.dispose();
    },
  };
}

function begunLayer(layer: WantedLayer, place: BegunLayer["place"]): BegunLayer {
  let settle!: (made: MadeLayer) => void;
  const made = new Promise<MadeLayer>((resolve) => (settle = resolve));
  return { ...layer, size: tarSize(layer.recipe.entries), place, made, settle };
}

function byPlace({ place: a }: BegunLayer, { place: b }: BegunLayer): number {
  return a[0] - b[0] || a[1] - b[1];
}

function* batches(layers: readonly BegunLayer[]): Generator<readonly BegunLayer[]> {
  let batch: BegunLayer[] = [];
  let size = 0;
  for (const layer of layers) {
    batch.push(layer);
    size += layer.size;
    if (size < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}
