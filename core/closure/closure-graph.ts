/** Makes and walks closure graphs: every reference is checked here, so that later stages need not doubt them. */
import { ImageDslError } from "../error.ts";
import { displayBytes, encodeText } from "../model/bytes.ts";
import type { ClosureGraph, ClosureNode } from "./closure.ts";

/**
 * The graph of `nodes`, in the order given; self references and repeated ones are dropped. Nodes that no root reaches
 * stay. Throws `E_CLOSURE_INVALID` for an id given twice, a reference or root that is no node, and a size that is not
 * a whole number of bytes.
 */
export function closureGraph(nodes: Iterable<ClosureNode>, roots: Iterable<string>): ClosureGraph {
  const byId = new Map<string, ClosureNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) throw invalid(`Node ${quote(node.id)} is in the closure twice`);
    if (!Number.isSafeInteger(node.size) || node.size < 0) {
      throw invalid(`Node ${quote(node.id)} has the size ${node.size}, which is not a whole number of bytes`);
    }
    byId.set(node.id, withoutRepeats(node));
  }
  for (const node of byId.values()) {
    const missing = node.needs.find((id) => !byId.has(id));
    if (missing !== undefined) throw danglingReference(node.id, missing);
  }
  const uniqueRoots = [...new Set(roots)];
  const missing = uniqueRoots.find((id) => !byId.has(id));
  if (missing !== undefined) throw invalid(`Root ${quote(missing)} is not in the closure`);
  return { nodes: byId, roots: uniqueRoots };
}

/** The ids among `from` that the graph has, and all that they need, in the order of the graph. */
export function reachable(graph: ClosureGraph, from: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  const pending = [...from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = graph.nodes.get(id);
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    for (const need of node.needs) if (!seen.has(need)) pending.push(need);
  }
  return new Set([...graph.nodes.keys()].filter((id) => seen.has(id)));
}

export function danglingReference(from: string, to: string): ImageDslError {
  return invalid(`Node ${quote(from)} needs ${quote(to)}, which is not in the closure`);
}

function withoutRepeats(node: ClosureNode): ClosureNode {
  const needs = new Set(node.needs);
  needs.delete(node.id);
  return needs.size === node.needs.length ? node : { ...node, needs: [...needs] };
}

function quote(id: string): string {
  return `"${displayBytes(encodeText(id))}"`;
}

function invalid(message: string): ImageDslError {
  return new ImageDslError("E_CLOSURE_INVALID", message, {
    hint: "This is a mistake of the plugin that brought or changed the node, not of the config: report it there",
  });
}
