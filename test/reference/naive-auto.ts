/**
 * The size-driven strategy as its description says it, step by step on sets of labels: what core/plan/auto.ts, which
 * computes it in another way, is held against.
 */
import type { ClosureGraph } from "../../core/closure/closure.ts";
import { naiveCondensation, type NaiveUnit } from "./naive-condensation.ts";

/** Groups of node ids. Units without entries are no primaries, have no layer counted, and come last. */
export function naiveAuto(graph: ClosureGraph, limit: number): string[][] {
  const units = naiveCondensation(graph);
  const filled = units.filter((unit) => !unit.isEmpty);
  // The sort is stable and units are in total order: of the largest, the first by name is taken first.
  const bySize = [...filled].sort((a, b) => b.size - a.size);

  let labels = new Map<NaiveUnit, Set<NaiveUnit>>(units.map((unit) => [unit, new Set()]));
  for (const primary of bySize) {
    const dependencies = strictlyBelow(primary);
    const users = units.filter((unit) => strictlyBelow(unit).has(primary));
    const next = new Map(Array.from(labels, ([unit, label]) => [unit, new Set(label)]));
    next.set(primary, new Set([primary]));
    for (const dependency of dependencies) {
      const label = next.get(dependency)!;
      for (const user of users) label.delete(user);
      if (![...label].some((member) => dependencies.has(member))) label.add(primary);
    }
    if (classes(filled, next).length > limit) break;
    labels = next;
  }

  const groups = classes(filled, labels)
    .map((members) => ({ members, closureSize: jointClosureSize(members) }))
    // Stable again: equal closures stay in the total order of their first members.
    .sort((a, b) => a.closureSize - b.closureSize)
    .map(({ members }) => members.flatMap(({ ids }) => ids));
  const empty = units.filter((unit) => unit.isEmpty).flatMap(({ ids }) => ids);
  if (empty.length === 0) return groups;
  return groups.length === 0 ? [empty] : [...groups.slice(0, -1), [...groups.at(-1)!, ...empty]];
}

function classes(units: readonly NaiveUnit[], labels: ReadonlyMap<NaiveUnit, ReadonlySet<NaiveUnit>>): NaiveUnit[][] {
  const found: NaiveUnit[][] = [];
  for (const unit of units) {
    const label = labels.get(unit)!;
    const same = found.find(([first]) => {
      const other = labels.get(first!)!;
      return other.size === label.size && [...label].every((member) => other.has(member));
    });
    if (same === undefined) found.push([unit]);
    else same.push(unit);
  }
  return found;
}

function jointClosureSize(members: readonly NaiveUnit[]): number {
  const all = new Set(members.flatMap((member) => [member, ...strictlyBelow(member)]));
  return [...all].reduce((sum, { size }) => sum + size, 0);
}

function strictlyBelow(unit: NaiveUnit): ReadonlySet<NaiveUnit> {
  const known = belowOf.get(unit);
  if (known !== undefined) return known;
  const below = new Set<NaiveUnit>();
  for (const need of unit.needs) {
    below.add(need);
    for (const deeper of strictlyBelow(need)) below.add(deeper);
  }
  belowOf.set(unit, below);
  return below;
}

const belowOf = new WeakMap<NaiveUnit, ReadonlySet<NaiveUnit>>();
