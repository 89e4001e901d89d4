/** What a target's layers were when it was last built: to say why a layer is made anew. */
import { compareRecipes } from "../explain/compare-recipes.ts";
import { summarize, type RecipeSummary } from "../explain/recipe-summary.ts";
import type { LayerRecipe } from "../image/image.ts";
import { digestOf, hexOf } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { platformText } from "../model/platform.ts";
import type { StageContext } from "./hooks.ts";

/** Two kinds of record, since the second is large and mostly not read: the layers' keys, and their recipes in short. */
const KEYS = "build";
const RECIPES = "recipes";

/** A layer of this build. */
export interface DatedLayer {
  readonly key: string;
  readonly recipe: LayerRecipe;
  /** What it was called by: its comment. */
  readonly name: string;
}

export interface BuildHistory {
  /** Whether the target was built before. */
  exists(): Promise<boolean>;
  /** Why this layer's bytes are not known: one line for each change, or that there is nothing to compare with. */
  explain(layer: DatedLayer, index: number): Promise<readonly string[]>;
  /** What the next build is compared with. */
  keep(layers: readonly DatedLayer[]): Promise<void>;
}

interface PastLayer {
  readonly key: string;
  readonly name: string;
  readonly summary: RecipeSummary;
}

export function buildHistory({ store, target, platform, directory }: StageContext): BuildHistory {
  const place = hexOf(digestOf(canonicalJson({ directory, target, platform: platformText(platform) })));
  let past: Promise<readonly PastLayer[]> | undefined;
  const readPast = async () => ((await store.readRecord(RECIPES, place)) ?? []) as unknown as readonly PastLayer[];

  return {
    exists: async () => (await store.readRecord(KEYS, place)) !== undefined,
    async explain({ recipe, name }, index) {
      const layers = await (past ??= readPast());
      if (layers.length === 0) return ["no earlier build of this target is known"];
      const before = layers.find((each) => each.name === name) ?? layers[index];
      if (before === undefined) return ["the last build had no such layer"];
      const changes = compareRecipes(before.summary, summarize(recipe));
      return changes.length > 0 ? changes : ["its files are the same, but their bytes are not known any more"];
    },
    async keep(layers) {
      const keys = layers.map(({ key }) => key);
      if (canonicalJson((await store.readRecord(KEYS, place)) ?? null) === canonicalJson(keys)) return;
      const summaries = layers.map(({ key, name, recipe }): PastLayer => ({ key, name, summary: summarize(recipe) }));
      // It holds JSON only; an interface is not seen as an index signature.
      await store.writeRecord(RECIPES, place, summaries as unknown as Json);
      await store.writeRecord(KEYS, place, keys);
    },
  };
}
