/** The nodes of a closure with what is known of each, and groups of them. */
import type { ClosureGraph, ClosureNode } from "../../closure/closure.ts";
import { byRank, type PlanningUnit } from "../planning-units.ts";
import type { Thing } from "./cheapest-cuts.ts";
import { identityOf, type PlanMemory } from "./plan-memory.ts";
import { rateOf, weightOf } from "./rates.ts";

/** A node with what is known of it. */
export interface Member extends Thing {
  readonly unit: PlanningUnit;
  readonly node: ClosureNode;
  readonly key: string;
  readonly identity: string;
  /** In how many updates it was another one. */
  readonly changes: number;
}

export type Group = readonly Member[];

/** Of units of one node each; those without files, which no layer is for, are left out. */
export function membersOf(
  graph: ClosureGraph,
  units: readonly PlanningUnit[],
  memory: PlanMemory | undefined,
  keys: ReadonlyMap<string, string>,
): readonly Member[] {
  return units.flatMap((unit) => {
    const node = graph.nodes.get(unit.ids[0]!)!;
    if (unit.isEmpty) return [];
    const key = keys.get(node.id)!;
    const changes = memory?.changes.get(key) ?? 0;
    const rate = rateOf(changes, memory?.updates ?? 0);
    return [{ unit, node, key, identity: identityOf(node), changes, weight: weightOf(node), rate }];
  });
}

export function unitsOf(group: Group): readonly PlanningUnit[] {
  return group.map(({ unit }) => unit);
}

export function weightIn(group: Group): number {
  return group.reduce((sum, { weight }) => sum + weight, 0);
}

export function rateIn(group: Group): number {
  return group.reduce((sum, { rate }) => sum + rate, 0);
}

/** By the total order of their first. */
export function byFirst(a: Group, b: Group): number {
  return byRank(a[0]!.unit, b[0]!.unit);
}
