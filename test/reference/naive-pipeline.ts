/**
 * A layering pipeline as its description says it, on sets of units and pairs that need each other; slow. Only what a
 * test of whole pipelines needs: paths are node ids, and every step is given what it takes.
 */
import type { PipelineStep } from "../../core/index.ts";
import type { ClosureGraph } from "../../core/closure/closure.ts";
import { naiveCondensation, type NaiveUnit } from "./naive-condensation.ts";

interface Graph {
  readonly units: readonly NaiveUnit[];
  readonly pairs: readonly (readonly [user: NaiveUnit, need: NaiveUnit])[];
}

type Value = Graph | readonly Value[] | ReadonlyMap<string, Value>;

/** Groups of node ids in order; units without entries are left out, and so is what `remove_paths` took. */
export function naivePipelineGroups(graph: ClosureGraph, steps: readonly PipelineStep[]): string[][] {
  const all = naiveCondensation(graph);
  // The sort is stable and units are in total order.
  const units = [...all].sort((a, b) => a.size - b.size);
  const pairs = units.flatMap((user) => [...user.needs].map((need) => [user, need] as const));
  const order = new Map(all.map((unit, index) => [unit, index]));
  return leaves(runAll(steps, { units, pairs }, order))
    .map((each) => each.units.filter((unit) => !unit.isEmpty))
    .filter((members) => members.length > 0)
    .map((members) => members.flatMap(({ ids }) => ids));
}

type Order = ReadonlyMap<NaiveUnit, number>;

function runAll(steps: readonly PipelineStep[], value: Value, order: Order): Value {
  let current = value;
  for (const step of steps) current = run(step, current, order);
  return current;
}

function run(step: PipelineStep, value: Value, order: Order): Value {
  const graph = value as Graph;
  const list = value as readonly Value[];
  const parts = value as ReadonlyMap<string, Value>;
  switch (step[0]) {
    case "popularity_contest":
      return contest(graph, order).map((unit) => ({ units: [unit], pairs: [] }));
    case "limit_layers": {
      const rest = leaves(list.slice(step[1] - 1));
      return [...list.slice(0, step[1] - 1), together(rest)];
    }
    case "split_every": {
      const filled = graph.units.filter(({ isEmpty }) => !isEmpty);
      const chunks = filled.flatMap((_, at) => (at % step[1] === 0 ? [filled.slice(at, at + step[1])] : []));
      return chunks.map((units) => only(graph, new Set(units)));
    }
    case "remove_paths": {
      const gone = chosenIn(graph, step[1] as readonly string[]);
      return only(graph, new Set(graph.units.filter((unit) => !gone.has(unit))));
    }
    case "split_paths":
      return split(graph, chosenIn(graph, step[1] as readonly string[]));
    case "subcomponent_out":
    case "subcomponent_in": {
      const main = grown(graph, chosenIn(graph, step[1] as readonly string[]), step[0] === "subcomponent_out");
      return twoParts(graph, main);
    }
    case "group": {
      const first = chosenIn(graph, step[1][0]!.paths as readonly string[]);
      const result = twoParts(graph, first);
      return new Map([
        [step[1][0]!.name, result.get("main")!],
        ["rest", result.get("rest")!],
      ]);
    }
    case "over":
      return new Map([...parts].map(([key, each]) => [key, key === step[1] ? run(step[2], each, order) : each]));
    case "map":
      return list.map((each) => run(step[1], each, order));
    case "pipe":
      return runAll(step[1], value, order);
    case "flatten":
      return leaves(value);
    case "reverse":
      return [...list].reverse();
    case "min_size":
      throw new Error("It is tested by its own examples");
  }
}

/** Whatever a walk from the tops meets that never steps on a chosen unit is not the chosen ones' alone. */
function split(graph: Graph, chosen: ReadonlySet<NaiveUnit>): Value {
  const tops = graph.units.filter((unit) => !graph.pairs.some(([, need]) => need === unit));
  if (chosen.size === 0) return new Map([["rest", graph]]);
  if (tops.length === 1 && chosen.has(tops[0]!)) return new Map([["main", graph]]);
  const below = grown(graph, chosen, true);
  const pairs = graph.pairs.filter(([, need]) => !chosen.has(need));
  const free = grown({ ...graph, pairs }, new Set(tops.filter((top) => !chosen.has(top))), true);
  const parts = [
    ["main", graph.units.filter((unit) => below.has(unit) && !free.has(unit))],
    ["common", graph.units.filter((unit) => below.has(unit) && free.has(unit))],
    ["rest", graph.units.filter((unit) => !below.has(unit))],
  ] as const;
  return new Map(
    parts
      .filter(([, units]) => units.length > 0)
      .map(([key, units]) => [key, only({ ...graph, pairs }, new Set(units))]),
  );
}

function twoParts(graph: Graph, main: ReadonlySet<NaiveUnit>): ReadonlyMap<string, Value> {
  return new Map([
    ["main", only(graph, main)],
    ["rest", only(graph, new Set(graph.units.filter((unit) => !main.has(unit))))],
  ]);
}

/** The units, and again and again what one of them needs, or what needs one of them, until nothing comes in. */
function grown(graph: Graph, from: ReadonlySet<NaiveUnit>, down: boolean): Set<NaiveUnit> {
  const result = new Set(from);
  for (let before = -1; before !== result.size;) {
    before = result.size;
    for (const [user, need] of graph.pairs) if (result.has(down ? user : need)) result.add(down ? need : user);
  }
  return result;
}

function only(graph: Graph, kept: ReadonlySet<NaiveUnit>): Graph {
  return {
    units: graph.units.filter((unit) => kept.has(unit)),
    pairs: graph.pairs.filter(([user, need]) => kept.has(user) && kept.has(need)),
  };
}

function together(graphs: readonly Graph[]): Graph {
  return { units: graphs.flatMap(({ units }) => units), pairs: graphs.flatMap(({ pairs }) => pairs) };
}

function leaves(value: Value): readonly Graph[] {
  if ("units" in value) return [value];
  return [...(value instanceof Map ? value.values() : (value as readonly Value[]))].flatMap(leaves);
}

function chosenIn(graph: Graph, ids: readonly string[]): Set<NaiveUnit> {
  return new Set(graph.units.filter((unit) => unit.ids.some((id) => ids.includes(id))));
}

/** Counts are handed up from need to user, each one greater; ties in total order. */
function contest(graph: Graph, order: Order): readonly NaiveUnit[] {
  const needsOf = (unit: NaiveUnit): NaiveUnit[] =>
    graph.pairs.flatMap(([user, need]) => (user === unit ? [need] : []));
  const countsOf = (children: readonly NaiveUnit[]): Map<NaiveUnit, number> => {
    const counts = new Map<NaiveUnit, number>();
    const add = (unit: NaiveUnit, count: number): void => void counts.set(unit, (counts.get(unit) ?? 0) + count);
    for (const child of children) {
      add(child, 1);
      for (const [unit, count] of countsOf(needsOf(child))) add(unit, count + 1);
    }
    return counts;
  };
  const tops = graph.units.filter((unit) => !graph.pairs.some(([, need]) => need === unit));
  const counts = countsOf(tops);
  return graph.units
    .filter(({ isEmpty }) => !isEmpty)
    .sort((a, b) => counts.get(b)! - counts.get(a)! || order.get(a)! - order.get(b)!);
}
