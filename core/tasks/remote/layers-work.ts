/** Layers as one piece of work: made while they are read where that is here, and by the runner where it is elsewhere. */
import type { Codec } from "../../compress/codec.ts";
import type { LayerRecipe } from "../../image/image.ts";
import { MADE_WHILE_READ, type KnownLayer, type LayerCodec, type MadeLayer } from "../../model/made-layer.ts";
import type { PackedWork, Work } from "../../model/work.ts";
import type { WantedLayer } from "../layers-of-session.ts";
import { takeLayer, takeLayers } from "./layer-return.ts";
import { encodeLayerTask, layerPath, RESULT_FILE } from "./layer-task.ts";
import { packTask } from "./pack-task.ts";
import { portableLayers, type PortablePlaces } from "./portable-layers.ts";
import type { RunnerTool } from "./runner-tool.ts";

/** A task has this long, and a second for each of so many bytes: ten times what it takes. */
const SECONDS = 60;
const BYTES_A_SECOND = 5e6;
/** Of a tar's bytes, those of its compressed form, as a rule. */
const RETURNED = 0.4;
/** What a byte takes, where one with gzip takes 1. */
const EFFORT: Readonly<Record<LayerCodec, number>> = { gzip: 1, zstd: 0.55 };

export interface LayerWorkPlaces extends PortablePlaces {
  readonly tool: RunnerTool;
  /** Where a layer is put that comes back. */
  readonly newFile: () => string;
}

/** `size`: of their tars. */
export function layersWork(
  layers: readonly WantedLayer[],
  size: number,
  codec: Codec,
  places: LayerWorkPlaces,
): Work<readonly MadeLayer[]> {
  const recipes = layers.map(({ recipe }) => recipe);
  const [first] = layers;
  const which =
    layers.length === 1 ? `A layer (${first!.name})` : `${layers.length} layers (the first: ${first!.name})`;
  return {
    kind: "layers",
    name: `${which} of ${Math.ceil(size / 1e6)} MB`,
    effort: size * EFFORT[codec.name],
    returned: size * RETURNED,
    here: async () => layers.map(() => MADE_WHILE_READ),
    travelling: {
      pack: () => packLayers(recipes, size, codec, places),
      take: (answer, workers) => takeLayers(answer, recipes, codec, { ...places, workers }),
    },
  };
}

/** One that was made before, by anybody: its bytes are all that is asked for. */
export function knownLayerWork(
  layer: KnownLayer,
  codec: Codec,
  places: Pick<LayerWorkPlaces, "newFile" | "signal">,
): Work<MadeLayer> {
  const { digest, size, tarSize } = layer;
  return {
    kind: "layers",
    name: `A layer that is known of ${Math.ceil(tarSize / 1e6)} MB`,
    effort: tarSize * EFFORT[codec.name],
    returned: size,
    here: () => Promise.resolve(MADE_WHILE_READ),
    travelling: {
      blob: { digest, size },
      fetch: (workers) => takeLayer(layer, tarSize, codec, { ...places, workers }),
    },
  };
}

async function packLayers(
  recipes: readonly LayerRecipe[],
  size: number,
  codec: Codec,
  places: LayerWorkPlaces,
): Promise<PackedWork> {
  const { tool } = places;
  const { layers, inputs } = await portableLayers(recipes, places);
  const digests = inputs.map(({ blob }) => blob.digest);
  return packTask(tool, {
    kind: "layers",
    document: encodeLayerTask({ codec, inputs: digests, layers }, tool.code),
    inputs,
    outputs: [RESULT_FILE, ...recipes.map((_, index) => layerPath(index))],
    timeoutSeconds: SECONDS + Math.ceil(size / BYTES_A_SECOND),
  });
}
