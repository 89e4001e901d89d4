/** What the images of one build know of each other's layers: one that several have is held, and made, once. */
import type { LayerRecipe } from "../image/image.ts";
import type { LayerMemory } from "../image/layer.ts";

export interface LayerOfBuild {
  readonly recipe: LayerRecipe;
  readonly memory: LayerMemory;
}

/** Gives the layer of this key; the first that is told of it gives its recipe. */
export type LayersOfBuild = (key: string, recipe: LayerRecipe) => LayerOfBuild;

export function layersOfBuild(): LayersOfBuild {
  const byKey = new Map<string, LayerOfBuild>();
  return (key, recipe) => {
    const known = byKey.get(key) ?? { recipe, memory: { diffID: undefined } };
    byKey.set(key, known);
    return known;
  };
}
