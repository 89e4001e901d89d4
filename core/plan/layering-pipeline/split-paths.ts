/** The steps that divide a graph by its needs: `split_paths`, `subcomponent_out`, `subcomponent_in`. */
import { induced, needsOf, partsOf, reach, usersIn, type Subgraph, type Value } from "./value.ts";

/**
 * `main`: the chosen units and what only they lead to; `common`: what they lead to, and the rest does too; `rest`: what
 * they do not lead to. Parts without units are left out. With nothing chosen, all is `rest`; where the chosen ones
 * include the only unit that no other needs, all is `main`, with what it is. What is `main` otherwise has lost the
 * needs that lead to the chosen units. Source: nixpkgs' flattenReferencesGraph.
 */
export function splitPaths(graph: Subgraph, chosen: ReadonlySet<number>): Value {
  if (chosen.size === 0) return partsOf([["rest", { ...graph, trail: [...graph.trail, "split_paths rest"] }]]);
  const users = usersIn(graph);
  const tops = graph.units.filter((unit) => !users.has(unit));
  if (tops.length === 1 && chosen.has(tops[0]!)) {
    return partsOf([["main", { ...graph, trail: [...graph.trail, "split_paths main"] }]]);
  }
  const cut = withoutNeedsOf(graph, chosen);
  const fromChosen = reach(chosen, (unit) => needsOf(graph, unit));
  const fromOthers = reach(
    tops.filter((unit) => !chosen.has(unit)),
    (unit) => needsOf(cut, unit),
  );
  const parts: Readonly<Record<"main" | "common" | "rest", number[]>> = { main: [], common: [], rest: [] };
  for (const unit of graph.units) {
    const isCommon = fromChosen.has(unit) && fromOthers.has(unit);
    parts[isCommon ? "common" : fromChosen.has(unit) ? "main" : "rest"].push(unit);
  }
  return partsOf(
    Object.entries(parts).flatMap(([key, units]) =>
      units.length === 0 ? [] : [[key, induced(cut, units, `split_paths ${key}`)]],
    ),
  );
}

/** `main`: the chosen units and all that they need, or that needs them; `rest`: the others. Either may be empty. */
export function subcomponent(graph: Subgraph, chosen: ReadonlySet<number>, mode: "out" | "in"): Value {
  const users = usersIn(graph);
  const main = reach(chosen, (unit) => (mode === "in" ? (users.get(unit) ?? []) : needsOf(graph, unit)));
  const within = graph.units.filter((unit) => main.has(unit));
  const others = graph.units.filter((unit) => !main.has(unit));
  return partsOf([
    ["main", induced(graph, within, `subcomponent_${mode} main`)],
    ["rest", induced(graph, others, `subcomponent_${mode} rest`)],
  ]);
}

function withoutNeedsOf(graph: Subgraph, chosen: ReadonlySet<number>): Subgraph {
  const needs = new Map<number, readonly number[]>();
  for (const [unit, all] of graph.needs) {
    const kept = all.filter((need) => !chosen.has(need));
    if (kept.length > 0) needs.set(unit, kept);
  }
  return { ...graph, needs };
}
