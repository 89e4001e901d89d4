/** Stage layer: tree and plan → layer recipes → layers. */
import { cutLayers } from "../../image/cut.ts";
import type { Layer, LayerRecipe } from "../../image/image.ts";
import { recipeLayer } from "../../image/layer.ts";
import type { ClosureGraph } from "../../model/closure.ts";
import type { Entry } from "../../model/entry.ts";
import type { LayerPlan } from "../../model/plan.ts";
import type { TreeChanges } from "../../tree/diff.ts";
import { FileTree } from "../../tree/file-tree.ts";
import type { Build } from "../build.ts";
import type { StageContext } from "../hooks.ts";
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

export function makeLayers(build: Build, context: StageContext, { tree, changes, graph, plan }: LayerInput): Layer[] {
  const finish = finisher(build);
  const cut = cutLayers(tree, plan, changes);
  const recipes = cut.map(({ entries }): LayerRecipe => ({ entries: entries.map(finish) }));
  const read = layerReader(recipes, context.tasks.tar, context.signal);
  return recipes.map((recipe, index) => recipeLayer(recipe, commentOf(cut[index]!.nodes, graph), () => read(index)));
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
  return (entry) => rules({ ...entry, mtime });
}

function commentOf(nodes: readonly string[], graph: ClosureGraph): string {
  if (nodes.length === 0) return "what belongs to the whole image";
  const names = nodes.map((id) => graph.nodes.get(id)?.name ?? id);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return names.slice(0, NAMED).join(", ") + more;
}
