/** The total order of nodes that settles every tie, so that no plan depends on the order in which nodes arrived. */
import { encodeText } from "../model/bytes.ts";
import type { ClosureNode } from "./closure.ts";

/** The nodes by name, then by id, both by the bytes of their UTF-8. */
export function inTotalOrder(nodes: Iterable<ClosureNode>): ClosureNode[] {
  // Keys are made once, not in each comparison.
  const keyed = Array.from(nodes, (node) => ({ node, name: encodeText(node.name), id: encodeText(node.id) }));
  keyed.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  return keyed.map(({ node }) => node);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
