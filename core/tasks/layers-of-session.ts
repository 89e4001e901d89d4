/** How a build has its layers made, wherever that is: they are told of as soon as it is clear that they will be asked for, and are asked for by their keys. */
import type { LayerRecipe } from "../image/image.ts";
import { ALL_HERE, type LayerCodec, type LayerPlaces } from "../model/made-layer.ts";

/** A layer of which nothing is known. */
export interface WantedLayer {
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly recipe: LayerRecipe;
}

export interface LayersOfSession extends LayerPlaces {
  /** They will be asked for, after all that are begun. `image`: which of the build's has them, in an order that is the same in each build of these. */
  begin(layers: readonly WantedLayer[], codec: LayerCodec, image: number): void;
  /** Ends what is under way. What was made elsewhere is gone then. */
  close(): Promise<void>;
}

/** By this machine's threads, the first of which is started as soon as there is something to make. */
export function layersHere(startEncoder: (codec: LayerCodec) => void): LayersOfSession {
  return { ...ALL_HERE, begin: (_, codec) => startEncoder(codec), close: () => Promise.resolve() };
}
