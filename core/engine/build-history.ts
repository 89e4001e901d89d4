/**
 * What is known from earlier builds of an image: its layers' digests, by the keys of their recipes, so that an
 * unchanged layer need not be read; and their recipes in short, to say why a layer is made anew.
 */
import { compareRecipes } from "../explain/compare-recipes.ts";
import { summarizeInPieces, type RecipeSummary } from "../explain/recipe-summary.ts";
import type { LayerRecipe } from "../image/image.ts";
import { digestOf, hexOf, isDigest, type Digest } from "../model/digest.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { platformText } from "../model/platform.ts";
import type { StageContext } from "../pipeline/hooks.ts";
import { inTurns } from "../tree/turns.ts";

/** Keys and digests of the target's last build, and of the same image wherever it was built. */
const LAYERS = "layers";
/** By target. A kind of its own, since it is large and mostly not read; another layout is another kind. */
const RECIPES = "recipes-4";

/** A layer of this build. */
export interface DatedLayer {
  readonly key: string;
  readonly recipe: LayerRecipe;
  /** What it was called by: its comment. */
  readonly name: string;
  /** Made when first asked for. */
  summary(): Promise<RecipeSummary>;
}

export function datedLayer(key: string, recipe: LayerRecipe, name: string, signal: AbortSignal): DatedLayer {
  let summary: Promise<RecipeSummary> | undefined;
  return { key, recipe, name, summary: () => (summary ??= inTurns(summarizeInPieces(recipe), signal)) };
}

export interface BuildHistory {
  /** Whether the target was built before. */
  exists(): Promise<boolean>;
  /** The digests of these layers, undefined where one is not known. */
  find(layers: readonly DatedLayer[]): Promise<readonly (Digest | undefined)[]>;
  /** Why this layer's bytes are not known: one line for each change, or that there is nothing to compare with. */
  explain(layer: DatedLayer, index: number): Promise<readonly string[]>;
  /** What the next build finds, where this one found something out. `digests` has undefined for what is not to be kept. */
  keep(layers: readonly DatedLayer[], digests: readonly (Digest | undefined)[]): Promise<void>;
}

interface PastLayer {
  readonly key: string;
  readonly name: string;
  readonly summary: RecipeSummary;
}

export function buildHistory({ store, target, platform, directory }: StageContext): BuildHistory {
  const place = hexOf(digestOf(canonicalJson({ directory, target, platform: platformText(platform) })));
  const imageOf = (layers: readonly DatedLayer[]) => hexOf(digestOf(layers.map(({ key }) => key).join("\n")));
  let past: Promise<readonly PastLayer[]> | undefined;
  const readPast = () =>
    (past ??= store.readRecord(RECIPES, place).then((record) => (record ?? []) as unknown as readonly PastLayer[]));
  let known = new Map<string, Digest>();

  return {
    exists: async () => (await store.readRecord(LAYERS, place)) !== undefined,
    async find(layers) {
      const records = await Promise.all([imageOf(layers), place].map((key) => store.readRecord(LAYERS, key)));
      known = new Map(records.flatMap(digestsIn));
      return layers.map(({ key }) => known.get(key));
    },
    async explain({ name, summary }, index) {
      const layers = await readPast();
      if (layers.length === 0) return ["no earlier build of this target is known"];
      const before = layers.find((each) => each.name === name) ?? layers[index];
      if (before === undefined) return ["the last build had no such layer"];
      const changes = compareRecipes(before.summary, await summary());
      return changes.length > 0 ? changes : ["its files are the same, but their bytes are not known any more"];
    },
    async keep(layers, digests) {
      const found = Object.fromEntries(
        layers.flatMap(({ key }, index) => (digests[index] ? [[key, digests[index]]] : [])),
      );
      if (layers.every(({ key }) => known.get(key) === found[key])) return;
      await store.writeRecord(LAYERS, imageOf(layers), found);
      await store.writeRecord(LAYERS, place, found);
      // Most layers are as they were: what they hold need not be looked at again.
      const before = new Map((await readPast()).map((layer) => [layer.key + layer.name, layer.summary]));
      const summaries: PastLayer[] = [];
      for (const { key, name, summary } of layers)
        summaries.push({ key, name, summary: before.get(key + name) ?? (await summary()) });
      // It holds JSON only; an interface is not seen as an index signature.
      await store.writeRecord(RECIPES, place, summaries as unknown as Json);
    },
  };
}

/** What is damaged in a record is not known. */
function digestsIn(record: Json | undefined): readonly (readonly [key: string, digest: Digest])[] {
  if (typeof record !== "object" || record === null) return [];
  return Object.entries(record).flatMap(([key, digest]) => (isDigest(digest) ? [[key, digest] as const] : []));
}
