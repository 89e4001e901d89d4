/** Layers that other machines may make while this one builds on: put together to pieces of work of a second or more, each layer once. */
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

export interface RemoteLayersOptions {
  readonly places: WorkPlaces;
  readonly tool: RunnerTool;
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Those that do not come from elsewhere. */
  readonly here: LayersOfSession;
}

interface Batch {
  readonly codec: Codec;
  readonly layers: BegunLayer[];
  size: number;
}

interface BegunLayer extends WantedLayer {
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
  const gathering = new Map<LayerCodec, Batch>();
  let files = 0;
  const workPlaces = { tool, store, signal, newFile: () => join(directory.path, String(files++)) };

  function begin(layers: readonly WantedLayer[], codec: LayerCodec): void {
    // Some of them will be made here.
    here.begin(layers, codec);
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
    const work = layersWork(batch.layers, batch.size, batch.codec, workPlaces);
    void places.run(work).then((made) => settle(batch, made));
  }

  function settle({ codec, layers }: Batch, made: readonly MadeLayer[]): void {
    for (const [index, layer] of layers.entries()) {
      const { known } = made[index]!;
      if (known === undefined) away.delete(`${codec.name} ${layer.key}`);
      layer.settle(made[index]!);
    }
  }

  return {
    begin,
    async make(key, codec) {
      const layer = begun.get(`${codec} ${key}`);
      if (layer === undefined) return here.make(key, codec);
      // Whoever waits for one that is still being gathered has nothing more to add.
      if (gathering.get(codec)?.layers.includes(layer)) send(codec);
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

function begunLayer(layer: WantedLayer): BegunLayer {
  let settle!: (made: MadeLayer) => void;
  const made = new Promise<MadeLayer>((resolve) => (settle = resolve));
  return { ...layer, made, settle };
}
