/** The popularity contest as its description says it: counts handed up from need to user, recursively. */
import type { ClosureGraph } from "../../core/closure/closure.ts";
import { naiveCondensation, type NaiveUnit } from "./naive-condensation.ts";

/** Groups of node ids. Units without entries are counted through, take no place and come last. */
export function naivePopularityGroups(graph: ClosureGraph, limit: number): string[][] {
  const units = naiveCondensation(graph);
  const counts = contest(units);
  const ordered = units
    .filter((unit) => !unit.isEmpty)
    // Stable, and units are in total order.
    .sort((a, b) => Number(counts.get(b)! - counts.get(a)!))
    .map(({ ids }) => [...ids]);
  const groups = ordered.slice(0, limit - 1);
  const rest = ordered.slice(limit - 1).flat();
  if (rest.length > 0) groups.push(rest);
  const empty = units.filter((unit) => unit.isEmpty).flatMap(({ ids }) => ids);
  if (empty.length === 0) return groups;
  return groups.length === 0 ? [empty] : [...groups.slice(0, -1), [...groups.at(-1)!, ...empty]];
}

export function naivePopularity(graph: ClosureGraph): Map<string, bigint> {
  const units = naiveCondensation(graph);
  const counts = contest(units);
  return new Map(units.flatMap((unit) => unit.ids.map((id) => [id, counts.get(unit)!])));
}

function contest(units: readonly NaiveUnit[]): Map<NaiveUnit, bigint> {
  const roots = units.filter((unit) => !units.some((other) => other.needs.has(unit)));
  return childCounts(roots);
}

/** A child counts 1, and each count of its own children is one more for the parent. */
function childCounts(children: Iterable<NaiveUnit>): Map<NaiveUnit, bigint> {
  const counts = new Map<NaiveUnit, bigint>();
  const add = (unit: NaiveUnit, count: bigint): void => void counts.set(unit, (counts.get(unit) ?? 0n) + count);
  for (const child of children) {
    add(child, 1n);
    for (const [unit, count] of countsBelow(child)) add(unit, count + 1n);
  }
  return counts;
}

function countsBelow(unit: NaiveUnit): ReadonlyMap<NaiveUnit, bigint> {
  const counts = known.get(unit) ?? childCounts(unit.needs);
  known.set(unit, counts);
  return counts;
}

const known = new WeakMap<NaiveUnit, ReadonlyMap<NaiveUnit, bigint>>();
