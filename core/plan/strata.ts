/**
 * Layers by how often what they hold changes: whatever the strategy, what is pinned lies below what is made, and that below the
 * project's own files. A changed line then moves what lies on top, and nothing else. Within a stratum the strategy decides.
 */
import { closureGraph } from "../closure/closure-graph.ts";
import { VOLATILITIES, type ClosureGraph, type ClosureNode, type Volatility } from "../closure/closure.ts";
import { ImageDslError } from "../error.ts";
import type { LayerGroup, LayerPlan } from "../model/plan.ts";

/** At most so many layers, of a part of the closure. */
type Strategy = (graph: ClosureGraph, layers: number) => LayerPlan;

/** Joins the top layer. */
const TOP = "top";

/**
 * The strategy's plan for each stratum, bottom first, each followed by the layers that sources asked for by name. Throws `E_LAYERS`
 * where those alone are more than `layers`.
 */
export function planInStrata(graph: ClosureGraph, layers: number, strategy: Strategy): LayerPlan {
  const nodes = [...graph.nodes.values()];
  const named = namedLayers(nodes);
  const top = nodes.filter(({ layer }) => layer === TOP).map(({ id }) => id);
  const free = nodes.filter(({ layer }) => layer === undefined);
  const room = layers - named.length;
  if (named.length > 0 && room < Math.min(free.length, 1)) {
    throw new ImageDslError(
      "E_LAYERS",
      `Sources ask for ${named.length} layers by name, and there are ${layers} in all`,
      {
        hint: "Raise the most that there may be, or give fewer names",
      },
    );
  }
  const strata = joinLowest(strataOf(free), room);
  const [only] = strata;
  if (only !== undefined && strata.length === 1 && free.length === nodes.length) {
    const plan = strategy(graph, layers);
    return { ...plan, groups: largerLower(plan.groups, graph) };
  }
  const whole = strata.map((stratum) => strategy(partOf(graph, stratum), room));
  // There is one layer in all.
  if (whole.some(({ joinsTop }) => joinsTop)) return strategy(graph, layers);
  const shares = shared(
    whole.map(({ groups }) => groups.length),
    room,
  );
  const plans = strata.map((stratum, index) => {
    const plan = whole[index]!;
    return plan.groups.length <= shares[index]! ? plan : strategy(partOf(graph, stratum), shares[index]!);
  });
  const groups = VOLATILITIES.flatMap((volatility) => {
    const planned = plans.flatMap((plan, index) => (highest(strata[index]!) === volatility ? plan.groups : []));
    const asked = named.filter((each) => highest(each.nodes) === volatility).map(groupOf);
    return largerLower([...planned, ...asked], graph);
  });
  return { strategy: plans[0]?.strategy ?? "named", groups, ...(top.length > 0 && { top }) };
}

/**
 * The project's own files do not need each other, so that a strategy knows nothing of them but their sizes: the larger lie lower, as
 * they are mostly what others made (`node_modules` below `dist`).
 */
function largerLower(groups: readonly LayerGroup[], { nodes }: ClosureGraph): readonly LayerGroup[] {
  const ids = new Set(groups.flatMap((group) => group.nodes));
  const isOwn = [...ids].every((id) => {
    const node = nodes.get(id)!;
    return volatilityOf(node) === "project" && !node.needs.some((needed) => ids.has(needed));
  });
  return isOwn ? groups.toSorted((a, b) => b.size - a.size) : groups;
}

interface NamedLayer {
  readonly name: string;
  readonly nodes: readonly ClosureNode[];
}

function namedLayers(nodes: readonly ClosureNode[]): readonly NamedLayer[] {
  const byName = new Map<string, ClosureNode[]>();
  for (const node of nodes) {
    if (node.layer === undefined || node.layer === TOP) continue;
    const known = byName.get(node.layer);
    if (known === undefined) byName.set(node.layer, [node]);
    else known.push(node);
  }
  return [...byName].map(([name, its]) => ({ name, nodes: its }));
}

function groupOf({ name, nodes }: NamedLayer): LayerGroup {
  return {
    nodes: nodes.map(({ id }) => id),
    reason: name.startsWith("own:")
      ? "a layer of its own, as its source says"
      : `the layer "${name}", as its sources say`,
    size: nodes.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Those that there are, bottom first. */
function strataOf(nodes: readonly ClosureNode[]): readonly (readonly ClosureNode[])[] {
  return VOLATILITIES.map((volatility) => nodes.filter((node) => volatilityOf(node) === volatility)).filter(
    (stratum) => stratum.length > 0,
  );
}

/** So many strata that each has a layer. */
function joinLowest(strata: readonly (readonly ClosureNode[])[], layers: number): readonly (readonly ClosureNode[])[] {
  const [lowest, next, ...higher] = strata;
  if (lowest === undefined || next === undefined || strata.length <= layers) return strata;
  return joinLowest([[...lowest, ...next], ...higher], layers);
}

function highest(nodes: readonly ClosureNode[]): Volatility {
  return VOLATILITIES.findLast((volatility) => nodes.some((node) => volatilityOf(node) === volatility))!;
}

function volatilityOf({ volatility = "made" }: ClosureNode): Volatility {
  return volatility;
}

/** The graph of these nodes alone. What others need of them was asked for, as far as they are concerned. */
function partOf(graph: ClosureGraph, nodes: readonly ClosureNode[]): ClosureGraph {
  const ids = new Set(nodes.map(({ id }) => id));
  const asked = new Set(graph.roots);
  for (const node of graph.nodes.values()) if (!ids.has(node.id)) for (const id of node.needs) asked.add(id);
  const inOrder = [...graph.nodes.values()].filter(({ id }) => ids.has(id));
  return closureGraph(
    inOrder.map((node) => ({ ...node, needs: node.needs.filter((id) => ids.has(id)) })),
    inOrder.filter(({ id }) => asked.has(id)).map(({ id }) => id),
  );
}

/** `layers` shared out: nobody gets more than is wanted, and who wants little gets all of it. */
function shared(wanted: readonly number[], layers: number): readonly number[] {
  const shares = wanted.map(() => 0);
  const modest = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!);
  let left = layers;
  for (const [place, index] of modest.entries()) {
    shares[index] = Math.min(wanted[index]!, Math.max(1, Math.floor(left / (modest.length - place))));
    left -= shares[index];
  }
  return shares;
}
