/** The popularity contest: the units that most others build upon get a layer each, the rest share the last one. */
import type { PlanLimits } from "../model/plan.ts";
import { condense } from "../closure/condense.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { LayerPlan } from "../model/plan.ts";
import { bigCountPhrase, countPhrase, namesPhrase, sizePhrase } from "./phrases.ts";
import {
  byRank,
  cyclesAmong,
  layerGroups,
  nodeCountOf,
  planningUnits,
  type PlanningUnit,
  type UnitGroup,
} from "./planning-units.ts";
import { popularityCounts } from "./popularity-counts.ts";

/**
 * At most `limits.layers` groups, most popular first; ties go by the total order of nodes. Units without entries pass
 * popularity on, but take no place. Throws `E_LAYERS` where `limits.layers` is below 1. Source: nixpkgs'
 * references-by-popularity, its results past the limit joined.
 */
export function planByPopularity(graph: ClosureGraph, limits: PlanLimits): LayerPlan {
  const units = planningUnits(graph, limits.layers);
  const ranked = rankByPopularity(units);
  const alone = ranked.length <= limits.layers ? ranked.length : limits.layers - 1;
  const groups: UnitGroup[] = ranked.slice(0, alone).map(({ unit, popularity, users }) => ({
    units: [unit],
    reason: aloneReason(unit, popularity, users),
  }));
  const rest = ranked.slice(alone);
  if (rest.length > 0) groups.push({ units: rest.map(({ unit }) => unit), reason: restReason(rest) });
  return { strategy: "popularity", groups: layerGroups(groups, units) };
}

/** The popularity of each node by its id, in the order of the graph; nodes of a cycle have that of the whole cycle. */
export function popularityOf(graph: ClosureGraph): ReadonlyMap<string, bigint> {
  const units = condense(graph);
  const counts = popularityCounts(units);
  const byId = new Map(units.flatMap((unit, index) => unit.ids.map((id) => [id, counts[index]!])));
  return new Map(Array.from(graph.nodes.keys(), (id) => [id, byId.get(id)!]));
}

interface Ranked {
  readonly unit: PlanningUnit;
  readonly popularity: bigint;
  /** Units that need it directly. */
  readonly users: readonly PlanningUnit[];
}

function rankByPopularity(units: readonly PlanningUnit[]): readonly Ranked[] {
  const counts = popularityCounts(units);
  const users: PlanningUnit[][] = units.map(() => []);
  for (const unit of units) for (const need of unit.needs) users[need]!.push(unit);
  return units
    .map((unit, index) => ({ unit, popularity: counts[index]!, users: users[index]! }))
    .filter(({ unit }) => !unit.isEmpty)
    .sort((a, b) => {
      if (a.popularity !== b.popularity) return a.popularity > b.popularity ? -1 : 1;
      return byRank(a.unit, b.unit);
    });
}

function aloneReason(unit: PlanningUnit, popularity: bigint, users: readonly PlanningUnit[]): string {
  const separator = unit.isCycle ? ", " : ": ";
  const what = `popularity ${bigCountPhrase(popularity)}${separator}${unit.title} (${sizePhrase(unit.size)})`;
  if (users.length === 0) return `${what}, needed by no other`;
  return `${what}, needed by ${namesPhrase([...users].sort(byRank).map((user) => user.title))}`;
}

function restReason(rest: readonly Ranked[]): string {
  const units = rest.map(({ unit }) => unit);
  const most = bigCountPhrase(rest[0]!.popularity);
  return [`the rest: ${countPhrase(nodeCountOf(units))}, popularity at most ${most}`, ...cyclesAmong(units)].join("; ");
}
