/** Stage layer: tree and plan → layer recipes → layers, with the digests that are known from earlier builds. */
import { cutLayers } from "../../image/cut.ts";
import type { Layer } from "../../image/image.ts";
import { recipeLayer } from "../../image/layer.ts";
import type { ClosureGraph } from "../../model/closure.ts";
import type { Entry } from "../../model/entry.ts";
import type { LayerPlan } from "../../model/plan.ts";
import type { TreeChanges } from "../../tree/diff.ts";
import { FileTree } from "../../tree/file-tree.ts";
import type { Build } from "../build.ts";
import type { BuildHistory, DatedLayer } from "../build-history.ts";
import type { StageContext } from "../hooks.ts";
import type { LayerCache } from "../layer-cache.ts";
import { layerReader } from "../read-ahead.ts";

/** Names that a layer's comment lists; more are counted. */
const NAMED = 12;

export interface LayerInput {
  /** The merged tree, before scripts. */
  readonly tree: FileTree;
  readonly changes: TreeChanges;
  readonly graph: ClosureGraph;
  readonly plan: LayerPlan;
}

export interface LayerSettings {
  readonly cache: LayerCache;
  readonly history: BuildHistory;
  /** Say of layers that are not known why. */
  readonly explain: boolean;
}

export interface MadeLayers {
  readonly layers: readonly Layer[];
  /** The same with their recipes, for the history. */
  readonly dated: readonly DatedLayer[];
}

export async function makeLayers(
  build: Build,
  context: StageContext,
  input: LayerInput,
  { cache, history, explain }: LayerSettings,
): Promise<MadeLayers> {
  const dated = datedLayers(build, input, cache);
  const known = await Promise.all(dated.map(({ key }) => cache.find(key)));
  const recipes = dated.map(({ recipe }) => recipe);
  const read = layerReader(recipes, context.tasks.tar, context.signal, () =>
    layers.reduce((sum, { size }) => sum + size, 0),
  );
  const layers = dated.map(({ recipe, key, name }, index) =>
    recipeLayer(recipe, name, {
      read: () => read(index),
      known: known[index],
      found: (diffID) => cache.keep(key, recipe, diffID),
      mistaken: () => cache.forget(key),
    }),
  );
  for (const [index, { size, comment }] of layers.entries()) {
    const isKnown = known[index] !== undefined;
    const changes = isKnown || !explain ? undefined : await history.explain(dated[index]!, index);
    context.emit({ type: "layer", target: context.target, index, size, comment, isKnown, ...(changes && { changes }) });
  }
  return { layers, dated };
}

function datedLayers(build: Build, { tree, changes, graph, plan }: LayerInput, cache: LayerCache): DatedLayer[] {
  const finish = finisher(build);
  return cutLayers(tree, plan, changes).map(({ entries, nodes }) => {
    const recipe = { entries: entries.map(finish) };
    return { recipe, key: cache.keyOf(recipe), name: commentOf(nodes, graph) };
  });
}

/** What the layers overlay to: the tree by the same rules as their entries. */
export function finishTree(build: Build, tree: FileTree): FileTree {
  return build.hooks.entry.isUsed() ? FileTree.of(tree.entries().map(finisher(build))) : tree;
}

/** The last word on each entry: one time for all, nothing of where it came from, then the plugins' rules. */
function finisher(build: Build): (entry: Entry) => Entry {
  const { mtime } = build.spec;
  const { entry: hook } = build.hooks;
  const rules = hook.isUsed() ? (entry: Entry) => hook.call(entry) : (entry: Entry) => entry;
  return (entry) => rules(entry.mtime === mtime ? entry : { ...entry, mtime });
}

function commentOf(nodes: readonly string[], graph: ClosureGraph): string {
  if (nodes.length === 0) return "what belongs to the whole image";
  const names = nodes.map((id) => graph.nodes.get(id)?.name ?? id);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return names.slice(0, NAMED).join(", ") + more;
}
