/**
 * The condensation of a closure: nodes that need each other become one unit, and what is left has no cycle.
 * Strongly connected components by Tarjan's algorithm with its own stack: closures may be chains of any length.
 */
import type { ClosureGraph, ClosureNode } from "./closure.ts";
import { danglingReference } from "./closure-graph.ts";
import { inTotalOrder } from "./node-order.ts";

/** Nodes that stay together: one, or a whole cycle. */
export interface Unit {
  /** Its members, in total order (`inTotalOrder`). */
  readonly ids: readonly string[];
  /** Indexes of the units it needs, ascending; all are below its own. */
  readonly needs: readonly number[];
  /** The place of its first member in the total order of all nodes: unique, and settles ties. */
  readonly rank: number;
}

/**
 * The units, each after all that it needs. The same graph gives the same units whatever the order of its nodes.
 * Throws `E_CLOSURE_INVALID` for a reference that does not resolve.
 */
export function condense(graph: ClosureGraph): readonly Unit[] {
  const nodes = inTotalOrder(graph.nodes.values());
  const needs = indexNeeds(nodes);
  const { unitOf, count } = components(needs);

  const members: number[][] = Array.from({ length: count }, () => []);
  // Ascending node indexes: members come in total order.
  for (let index = 0; index < nodes.length; index++) members[unitOf[index]!]!.push(index);
  return members.map((indexes, unit) => {
    const needed = new Set<number>();
    for (const index of indexes) for (const need of needs[index]!) needed.add(unitOf[need]!);
    needed.delete(unit);
    return {
      ids: indexes.map((index) => nodes[index]!.id),
      needs: [...needed].sort((a, b) => a - b),
      rank: indexes[0]!,
    };
  });
}

/** Ascending, so that neither the order of nodes nor that of their references decides how units are numbered. */
function indexNeeds(nodes: readonly ClosureNode[]): readonly (readonly number[])[] {
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
  return nodes.map((node) =>
    node.needs
      .map((id) => {
        const index = indexOf.get(id);
        if (index === undefined) throw danglingReference(node.id, id);
        return index;
      })
      .sort((a, b) => a - b),
  );
}

/** Numbers the components so that each has a higher number than those it needs. */
function components(needs: readonly (readonly number[])[]): { readonly unitOf: Int32Array; readonly count: number } {
  const length = needs.length;
  const unitOf = new Int32Array(length).fill(-1);
  /** When a node was first met, from 1; 0: not yet. */
  const met = new Int32Array(length);
  /** The earliest met node of an unfinished component that is known to be reachable. */
  const low = new Int32Array(length);
  /** How many of a node's needs have been followed. */
  const followed = new Int32Array(length);
  const path: number[] = [];
  const unfinished: number[] = [];
  let clock = 0;
  let count = 0;

  const enter = (node: number): void => {
    clock += 1;
    met[node] = clock;
    low[node] = clock;
    path.push(node);
    unfinished.push(node);
  };
  const leave = (node: number): void => {
    path.pop();
    if (low[node] === met[node]) {
      for (let member = -1; member !== node;) {
        member = unfinished.pop()!;
        unitOf[member] = count;
      }
      count += 1;
    }
    const parent = path.at(-1);
    if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
  };

  for (let start = 0; start < length; start++) {
    if (met[start] !== 0) continue;
    enter(start);
    while (path.length > 0) {
      const node = path.at(-1)!;
      const need = needs[node]![followed[node]!];
      if (need === undefined) {
        leave(node);
        continue;
      }
      followed[node]! += 1;
      if (met[need] === 0) enter(need);
      else if (unitOf[need] === -1) low[node] = Math.min(low[node]!, met[need]!);
    }
  }
  return { unitOf, count };
}
