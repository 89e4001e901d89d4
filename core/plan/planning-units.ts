/** What both strategies plan with: the closure's units with their sizes, and the limit, checked. */
import { condense, type Unit } from "../closure/condense.ts";
import { ImageDslError } from "../error.ts";
import type { ClosureGraph, ClosureNode } from "../closure/closure.ts";
import type { LayerGroup } from "../model/plan.ts";
import { cyclePhrase, namesPhrase, nodeName } from "./phrases.ts";

export interface PlanningUnit extends Unit {
  /** Bytes of its members' regular files. */
  readonly size: number;
  /** The node's name, or `cycle: a, b`. */
  readonly title: string;
  readonly isCycle: boolean;
  /**
   * It brings no entry at all, like a package that only depends on others. It links its users to what it needs, but
   * gets no layer: one made for it would hold nothing.
   */
  readonly isEmpty: boolean;
}

/** The units, each after all that it needs. Throws `E_LAYERS` where not even one layer is left. */
export function planningUnits(graph: ClosureGraph, layers: number): readonly PlanningUnit[] {
  if (!Number.isSafeInteger(layers) || layers < 1) {
    throw new ImageDslError("E_LAYERS", `Planning the layers needs room for at least 1 layer, but none is left`, {
      hint: "Raise maxLayers, or use a base image with fewer layers",
    });
  }
  return condense(graph).map((unit) => {
    const members = unit.ids.map((id) => graph.nodes.get(id)!);
    const names = members.map(nodeName);
    return {
      ...unit,
      size: members.reduce((sum, node) => sum + node.size, 0),
      title: names.length === 1 ? names[0]! : cyclePhrase(names),
      isCycle: members.length > 1,
      isEmpty: members.every(bringsNothing),
    };
  });
}

/** Units that are to share a layer. */
export interface UnitGroup {
  readonly units: readonly PlanningUnit[];
  readonly reason: string;
}

/**
 * The plan's groups. The units without entries, which the strategy left out, go with the last one: there they take no
 * layer from others, and the plan still names every node.
 */
export function layerGroups(groups: readonly UnitGroup[], units: readonly PlanningUnit[]): readonly LayerGroup[] {
  const empty = units.filter((unit) => unit.isEmpty);
  if (empty.length === 0) return groups.map(layerGroup);
  const names = [...empty].sort(byRank).map((unit) => unit.title);
  const last = groups.at(-1);
  return [
    ...groups.slice(0, -1),
    {
      units: [...(last?.units ?? []), ...empty],
      reason: `${last === undefined ? "" : `${last.reason}; `}without files: ${namesPhrase(names)}`,
    },
  ].map(layerGroup);
}

/** Compares by the total order of nodes. */
export function byRank(a: PlanningUnit, b: PlanningUnit): number {
  return a.rank - b.rank;
}

export function sizeOf(units: readonly PlanningUnit[]): number {
  return units.reduce((sum, unit) => sum + unit.size, 0);
}

export function nodeCountOf(units: readonly PlanningUnit[]): number {
  return units.reduce((sum, unit) => sum + unit.ids.length, 0);
}

/** The titles of the cycles among units, for the end of a reason; of many, the first and how many more. */
export function cyclesAmong(units: readonly PlanningUnit[]): readonly string[] {
  const [first, ...more] = units.filter((unit) => unit.isCycle).sort(byRank);
  if (first === undefined) return [];
  return [more.length === 0 ? first.title : `${first.title}, and ${more.length} more`];
}

function layerGroup({ units, reason }: UnitGroup): LayerGroup {
  return { nodes: [...units].sort(byRank).flatMap((unit) => unit.ids), reason, size: sizeOf(units) };
}

function bringsNothing(node: ClosureNode): boolean {
  return node.size === 0 && node.tree.size === 0;
}
