/** The steps that make a list of layers, or join some of a list: `popularity_contest`, `split_every`, `limit_layers`, `min_size`. */
import { bigCountPhrase } from "../phrases.ts";
import type { PlanningUnit } from "../planning-units.ts";
import { popularityCounts } from "../popularity-counts.ts";
import { graphsIn, induced, joined, listOf, NO_NEEDS, needsOf, type Subgraph, type Value } from "./value.ts";

/**
 * One graph for each unit, most popular first, ties in total order. Units without entries pass popularity on but get no
 * graph. Source: nixpkgs' references-by-popularity.
 */
export function popularityContest(graph: Subgraph, units: readonly PlanningUnit[]): Value {
  // A unit's needs have lower indexes: ascending, they are as `popularityCounts` wants them.
  const ascending = [...graph.units].sort((a, b) => a - b);
  const placeOf = new Map(ascending.map((unit, place) => [unit, place]));
  const counts = popularityCounts(
    ascending.map((unit) => ({ ...units[unit]!, needs: needsOf(graph, unit).map((need) => placeOf.get(need)!) })),
  );
  const ranked = ascending
    .map((unit, place) => ({ unit, popularity: counts[place]! }))
    .filter(({ unit }) => !units[unit]!.isEmpty)
    .sort((a, b) => {
      if (a.popularity !== b.popularity) return a.popularity > b.popularity ? -1 : 1;
      return units[a.unit]!.rank - units[b.unit]!.rank;
    });
  return listOf(
    ranked.map(({ unit, popularity }) => ({
      kind: "graph",
      units: [unit],
      needs: NO_NEEDS,
      trail: [...graph.trail, `popularity ${bigCountPhrase(popularity)}`],
    })),
  );
}

/** Graphs of `count` units each, the last of fewer, in the graph's order. Units without entries are left out. */
export function splitEvery(graph: Subgraph, count: number, units: readonly PlanningUnit[]): Value {
  const filled = graph.units.filter((unit) => !units[unit]!.isEmpty);
  const chunks = Array.from({ length: Math.ceil(filled.length / count) }, (_, chunk) =>
    filled.slice(chunk * count, (chunk + 1) * count),
  );
  return listOf(chunks.map((chunk, index) => induced(graph, chunk, `split_every ${count}, part ${index + 1}`)));
}

/** The first `count` − 1 of the list as they are, the others joined: without others, as upstream, a graph of nothing. */
export function limitLayers(items: readonly Value[], count: number): Value {
  const others = items.slice(count - 1).flatMap(graphsIn);
  const last = others.length === 1 ? others[0]! : joined(others, `past limit_layers ${count}`);
  return listOf([...items.slice(0, count - 1), last]);
}

/**
 * Those of at least `bytes` as they are. Smaller ones are joined with each other, in order, until they have so many; the
 * joined ones stand where their last member stood. What is still too small then goes to the joined ones before it, else
 * to the last of the list.
 */
export function minSize(items: readonly Value[], bytes: number, units: readonly PlanningUnit[]): Value {
  const sizeOf = (value: Value): number =>
    graphsIn(value).reduce((sum, graph) => graph.units.reduce((all, unit) => all + units[unit]!.size, sum), 0);
  const madeBy = `min_size ${bytes}`;
  const result: Value[] = [];
  let small: Value[] = [];
  let smallSize = 0;
  let lastJoined: Value | undefined;
  for (const item of items) {
    const size = sizeOf(item);
    // dockerTools' steps make graphs of nothing, which are no layers.
    if (graphsIn(item).every((graph) => graph.units.length === 0)) continue;
    if (size >= bytes) {
      result.push(item);
      continue;
    }
    small.push(item);
    smallSize += size;
    if (smallSize < bytes) continue;
    lastJoined = joined(small.flatMap(graphsIn), madeBy);
    result.push(lastJoined);
    small = [];
    smallSize = 0;
  }
  if (small.length === 0) return listOf(result);
  const host = lastJoined ?? result.at(-1);
  const all = [...(host === undefined ? [] : [host]), ...small];
  return listOf([...result.filter((item) => item !== host), joined(all.flatMap(graphsIn), madeBy)]);
}
