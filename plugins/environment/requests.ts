/**
 * What the sources of an image ask for, to be done in its merged tree. Each has a node without files in the closure: a
 * source that was collected for something else, such as a step's input, asks nothing of the image.
 */
import {
  FileTree,
  canonicalJson,
  digestOf,
  hexOf,
  type ClosureGraph,
  type Collected,
  type Json,
  type Source,
} from "../../core/index.ts";

export interface Requests<Request> {
  /** `collected` with the node that stands for the request. */
  add(source: Source, request: Request, collected?: Collected): Collected;
  /** In the closure's order, which is the config's. */
  of(closure: ClosureGraph): readonly Request[];
}

export function requests<Request>(): Requests<Request> {
  const asked = new Map<string, Request>();
  return {
    add(source, request, collected = { nodes: [], roots: [] }) {
      const id = `${source.kind}#${identityOf(source)}`;
      asked.set(id, request);
      const node = { id, kind: source.kind, name: source.kind, tree: FileTree.empty, size: 0, needs: [] };
      return { ...collected, nodes: [...collected.nodes, node], roots: [...collected.roots, id] };
    },
    of: ({ nodes }) => [...nodes.keys()].flatMap((id) => (asked.has(id) ? [asked.get(id)!] : [])),
  };
}

/** By its options as JSON: functions, which a source that it collects may hold, are left out. */
function identityOf({ options }: Source): string {
  return hexOf(digestOf(canonicalJson(JSON.parse(JSON.stringify(options)) as Json))).slice(0, 12);
}
