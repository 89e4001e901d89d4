/** What flows through a pipeline: graphs, lists of them, parts by name. Immutable; steps make new ones. */
import type { PlanningUnit } from "../planning-units.ts";

/**
 * Some of the closure's units, and such needs among them as no step has cut. In the end each graph is a layer.
 */
export interface Subgraph {
  readonly kind: "graph";
  /** Indexes into the closure's units. The order counts for `split_every` alone. */
  readonly units: readonly number[];
  /** For each unit that needs others, those; the others are in `units` too. */
  readonly needs: ReadonlyMap<number, readonly number[]>;
  /** What made it, outermost first: `split_paths main`, `popularity 9`. */
  readonly trail: readonly string[];
}

export type Value =
  | Subgraph
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "parts"; readonly parts: ReadonlyMap<string, Value> };

export const NO_NEEDS: Subgraph["needs"] = new Map();

/** The whole closure, smallest unit first; units of one size in total order. */
export function wholeGraph(units: readonly PlanningUnit[]): Subgraph {
  const order = units.map((_, index) => index);
  order.sort((a, b) => units[a]!.size - units[b]!.size || units[a]!.rank - units[b]!.rank);
  return {
    kind: "graph",
    units: order,
    needs: new Map(units.flatMap(({ needs }, index) => (needs.length === 0 ? [] : [[index, needs]]))),
    trail: [],
  };
}

/** These units of the graph, and the needs among them. */
export function induced(graph: Subgraph, units: readonly number[], ...madeBy: readonly string[]): Subgraph {
  const kept = new Set(units);
  const needs = new Map<number, readonly number[]>();
  for (const unit of units) {
    const inside = needsOf(graph, unit).filter((need) => kept.has(need));
    if (inside.length > 0) needs.set(unit, inside);
  }
  return { kind: "graph", units, needs, trail: [...graph.trail, ...madeBy] };
}

export function needsOf(graph: Subgraph, unit: number): readonly number[] {
  return graph.needs.get(unit) ?? [];
}

/** Who needs each unit; units that nobody needs are not in it. */
export function usersIn(graph: Subgraph): ReadonlyMap<number, readonly number[]> {
  const users = new Map<number, number[]>();
  for (const [unit, needs] of graph.needs) {
    for (const need of needs) {
      const known = users.get(need);
      if (known === undefined) users.set(need, [unit]);
      else known.push(unit);
    }
  }
  return users;
}

/** The units given, and all that the edges lead to from them. */
export function reach(from: Iterable<number>, edges: (unit: number) => readonly number[]): Set<number> {
  const seen = new Set(from);
  // What is added while a set is walked is walked too.
  for (const unit of seen) for (const next of edges(unit)) seen.add(next);
  return seen;
}

/** The graphs within a value, in order. */
export function graphsIn(value: Value): readonly Subgraph[] {
  if (value.kind === "graph") return [value];
  return [...(value.kind === "list" ? value.items : value.parts.values())].flatMap(graphsIn);
}

/** One graph of all their units, in order, with the needs that each had: none from one to another. */
export function joined(graphs: readonly Subgraph[], madeBy: string): Subgraph {
  return {
    kind: "graph",
    units: graphs.flatMap(({ units }) => units),
    needs: new Map(graphs.flatMap(({ needs }) => [...needs])),
    trail: [...commonTrail(graphs), madeBy],
  };
}

function commonTrail(graphs: readonly Subgraph[]): readonly string[] {
  const [first, ...others] = graphs.map(({ trail }) => trail);
  if (first === undefined) return [];
  const differs = first.findIndex((text, index) => others.some((trail) => trail[index] !== text));
  return differs < 0 ? first : first.slice(0, differs);
}

export function listOf(items: readonly Value[]): Value {
  return { kind: "list", items };
}

export function partsOf(parts: readonly (readonly [key: string, value: Value])[]): Value {
  return { kind: "parts", parts: new Map(parts) };
}
