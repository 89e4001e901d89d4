/** A plan, as the next one is to remember it, and how it compares with what was expected of the one before. */
import type { ClosureGraph, ClosureNode } from "../../closure/closure.ts";
import type { LayerPlan } from "../../model/plan.ts";
import { identityOf, type PlanMemory, type RememberedLayer } from "./plan-memory.ts";
import { chanceOf, rateOf, weightOf } from "./rates.ts";

/** What a build adds to the memory of the strategy `stable`. */
export interface PlanUpdate {
  /** To be remembered in place of the last one. */
  readonly memory: PlanMemory;
  /** No plan was remembered. */
  readonly isFirst: boolean;
  /** Bytes that are expected to move in the next update. */
  readonly expected: number;
  /** What became of the last plan's layers; undefined of a first plan, and where the closure is the same. */
  readonly outcome?: PlanOutcome;
}

export interface PlanOutcome {
  /** Keys of what was updated, has come and has gone. */
  readonly changed: readonly string[];
  /** Layers that are others than before. */
  readonly layers: number;
  /** Their bytes. */
  readonly moved: number;
  /** Bytes that were expected to move. */
  readonly expected: number;
}

/** `graph`: what the plan is of. Nodes without files are not remembered: no layer is another one for them. */
export function rememberPlan(
  plan: LayerPlan,
  graph: ClosureGraph,
  keys: ReadonlyMap<string, string>,
  before: PlanMemory | undefined,
): PlanUpdate {
  const nodes = new Map(Array.from(graph.nodes.values(), (node) => [keys.get(node.id)!, node]));
  const first = memoryOfLayers(
    plan.groups.map((group) => group.nodes),
    graph,
    keys,
  );
  const { layers } = first;
  const known = before ?? { ...first, layers: [] };
  const isFirst = known.layers.length === 0;
  const outcome = isFirst ? undefined : outcomeOf(known, layers, nodes);
  const memory = outcome === undefined ? { ...known, layers } : counted(known, outcome, layers);
  return { memory, isFirst, expected: expectedOf(memory, nodes), ...(outcome !== undefined && { outcome }) };
}

/** As of a first plan: by layer the ids of its nodes, which are as they are in the graph. */
export function memoryOfLayers(
  layers: readonly (readonly string[])[],
  { nodes }: Pick<ClosureGraph, "nodes">,
  keys: ReadonlyMap<string, string>,
): PlanMemory {
  const remembered = layers.map((ids) =>
    rememberedLayer(
      ids.map((id) => nodes.get(id)!),
      keys,
    ),
  );
  return { updates: 0, changes: new Map(), layers: remembered.filter(({ size }) => size > 0), expected: 0, moved: 0 };
}

function rememberedLayer(nodes: readonly ClosureNode[], keys: ReadonlyMap<string, string>): RememberedLayer {
  const filled = nodes.filter(({ size, tree }) => size > 0 || tree.size > 0);
  return new Map(filled.map((node) => [keys.get(node.id)!, identityOf(node)]));
}

function outcomeOf(
  before: PlanMemory,
  layers: readonly RememberedLayer[],
  nodes: ReadonlyMap<string, ClosureNode>,
): PlanOutcome | undefined {
  const [old, now] = [flat(before.layers), flat(layers)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  if (changed.length === 0) return undefined;
  const known = new Set(before.layers.map(contentOf));
  const moved = layers.filter((layer) => !known.has(contentOf(layer)));
  return {
    changed,
    layers: moved.length,
    moved: moved.reduce((sum, layer) => sum + weightOfLayer(layer, nodes), 0),
    expected: expectedOf(before, nodes),
  };
}

/** What came anew has not changed: it is not known how often it does. */
function counted(before: PlanMemory, outcome: PlanOutcome, layers: readonly RememberedLayer[]): PlanMemory {
  const [old, now] = [flat(before.layers), flat(layers)];
  const changes = new Map([...before.changes].filter(([key]) => now.has(key)));
  for (const key of outcome.changed) {
    if (old.has(key) && now.has(key)) changes.set(key, (changes.get(key) ?? 0) + 1);
  }
  return {
    updates: before.updates + 1,
    changes,
    layers,
    expected: before.expected + outcome.expected,
    moved: before.moved + outcome.moved,
  };
}

function flat(layers: readonly RememberedLayer[]): RememberedLayer {
  return new Map(layers.flatMap((layer) => [...layer]));
}

function contentOf(layer: RememberedLayer): string {
  return JSON.stringify([...layer].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Bytes, in one update. */
function expectedOf({ layers, changes, updates }: PlanMemory, nodes: ReadonlyMap<string, ClosureNode>): number {
  const expected = layers.map((layer) => {
    const rates = Array.from(layer.keys(), (key) => rateOf(changes.get(key) ?? 0, updates));
    return weightOfLayer(layer, nodes) * chanceOf(rates.reduce((sum, rate) => sum + rate, 0));
  });
  return Math.round(expected.reduce((sum, bytes) => sum + bytes, 0));
}

/** Of what there still is of it. */
function weightOfLayer(layer: RememberedLayer, nodes: ReadonlyMap<string, ClosureNode>): number {
  return Array.from(layer.keys(), (key) => nodes.get(key)).reduce((sum, node) => sum + (node ? weightOf(node) : 0), 0);
}
