/** The condensation from its definition: two nodes belong together when each needs the other. Slow, on sets. */
import type { ClosureGraph, ClosureNode } from "../../core/closure/closure.ts";

export interface NaiveUnit {
  readonly ids: readonly string[];
  readonly size: number;
  readonly isEmpty: boolean;
  readonly needs: Set<NaiveUnit>;
}

/** By name, then id, by bytes: the first of a unit stands for it. */
export function compareNodes(a: ClosureNode, b: ClosureNode): number {
  return (
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  );
}

/** Units in the total order of their first members. */
export function naiveCondensation(graph: ClosureGraph): readonly NaiveUnit[] {
  const nodes = [...graph.nodes.values()].sort(compareNodes);
  const below = new Map(nodes.map((node) => [node.id, everythingBelow(graph, node.id, new Set())]));
  const unitOf = new Map<string, NaiveUnit>();
  for (const node of nodes) {
    if (unitOf.has(node.id)) continue;
    const members = nodes.filter(
      (other) => other === node || (below.get(node.id)!.has(other.id) && below.get(other.id)!.has(node.id)),
    );
    const unit: NaiveUnit = {
      ids: members.map(({ id }) => id),
      size: members.reduce((sum, { size }) => sum + size, 0),
      isEmpty: members.every(({ size, tree }) => size === 0 && tree.size === 0),
      needs: new Set(),
    };
    for (const { id } of members) unitOf.set(id, unit);
  }
  for (const node of nodes) {
    const unit = unitOf.get(node.id)!;
    for (const need of node.needs) if (unitOf.get(need) !== unit) unit.needs.add(unitOf.get(need)!);
  }
  return [...new Set(unitOf.values())];
}

function everythingBelow(graph: ClosureGraph, id: string, seen: Set<string>): Set<string> {
  for (const need of graph.nodes.get(id)!.needs) {
    if (seen.has(need)) continue;
    seen.add(need);
    everythingBelow(graph, need, seen);
  }
  return seen;
}
