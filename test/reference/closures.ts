/** Closures for tests: small ones by hand, random ones with cycles, large ones of a known shape. */
import * as fc from "fast-check";
import { closureGraph } from "../../core/closure/closure-graph.ts";
import type { ClosureGraph, ClosureNode } from "../../core/closure/closure.ts";
import { treePath } from "../../core/model/path.ts";
import { FileTree, directoryEntry } from "../../core/tree/file-tree.ts";

/** A tree with something in it. Which tree it is means nothing to planners, only whether it is empty. */
const ONE_DIRECTORY = FileTree.of([directoryEntry(treePath("etc"))]);

export interface NodeOptions {
  readonly name?: string;
  readonly size?: number;
  readonly isEmpty?: boolean;
}

export function closureNode(id: string, needs: readonly string[], options: NodeOptions = {}): ClosureNode {
  const isEmpty = options.isEmpty ?? false;
  return {
    id,
    kind: "test",
    name: options.name ?? id,
    tree: isEmpty ? FileTree.empty : ONE_DIRECTORY,
    size: isEmpty ? 0 : (options.size ?? 1),
    needs,
  };
}

/** A graph written as `{ a: ["b"], b: [] }`. The first node is the root. */
export function closureOf(
  needs: Readonly<Record<string, readonly string[]>>,
  options: Readonly<Record<string, NodeOptions>> = {},
): ClosureGraph {
  const nodes = Object.entries(needs).map(([id, ids]) => closureNode(id, ids, options[id]));
  return closureGraph(
    nodes,
    nodes.slice(0, 1).map(({ id }) => id),
  );
}

/** Nodes `n0`, `n1`, … of differing sizes; `needs` are indexes. */
export function closureOfIndexes(needs: readonly (readonly number[])[]): ClosureGraph {
  const nodes = needs.map((indexes, index) =>
    closureNode(
      `n${index}`,
      indexes.map((need) => `n${need}`),
      { size: 1 + ((index * 7919) % 1_000_003) },
    ),
  );
  return closureGraph(nodes, ["n0"]);
}

export interface RandomClosureOptions {
  /** At most 64. */
  readonly maxNodes: number;
  /** Whether some nodes may have no entries. */
  readonly withEmpty: boolean;
}

/**
 * Nodes with few sizes and few names, so that ties are common, and references in any direction: cycles, several roots,
 * self references. Ids are in no relation to the order of nodes.
 */
export function randomClosure({ maxNodes, withEmpty }: RandomClosureOptions): fc.Arbitrary<ClosureGraph> {
  const description = fc.record({
    size: fc.integer({ min: 0, max: 6 }),
    name: fc.constantFrom("a", "b", "c", "d", "é", "\u{ff5e}", "\u{1f600}"),
    isEmpty: withEmpty ? fc.integer({ min: 0, max: 3 }).map((roll) => roll === 0) : fc.constant(false),
    // Mostly references to later nodes: graphs of any direction alone are mostly one large cycle.
    needs: fc.array(
      fc.record({ ahead: fc.integer({ min: 0, max: maxNodes }), isBack: fc.integer({ min: 0, max: 5 }) }),
      {
        maxLength: 4,
      },
    ),
  });
  return fc.array(description, { minLength: 1, maxLength: maxNodes, size: "max" }).map((descriptions) => {
    const idOf = (index: number): string => `id${(index * 5) % 64}`;
    const nodes = descriptions.map(({ size, name, isEmpty, needs }, index) => {
      const targets = needs.flatMap(({ ahead, isBack }) => {
        if (isBack === 0) return [ahead % descriptions.length];
        return index + ahead < descriptions.length ? [index + ahead] : [];
      });
      return closureNode(idOf(index), targets.map(idOf), { size, name, isEmpty });
    });
    return closureGraph(nodes, [nodes[0]!.id]);
  });
}

/** The same graph with its nodes, and each node's needs, in another order. */
export function shuffled(graph: ClosureGraph, seed: number): ClosureGraph {
  const random = randomIntegers(seed);
  const shuffle = <Item>(items: Iterable<Item>): Item[] =>
    Array.from(items, (item) => ({ item, key: random(1 << 30) }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  const nodes = shuffle(graph.nodes.values()).map((node) => ({ ...node, needs: shuffle(node.needs) }));
  return closureGraph(nodes, shuffle(graph.roots));
}

/** A repeatable stream of integers from 0 to below a bound. */
export function randomIntegers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** Stacked diamonds: each top needs two nodes, and both need the next top; 3 × `count` nodes and the last top. */
export function diamonds(count: number): ClosureGraph {
  const needs = Array.from({ length: count * 3 }, (_, index) => {
    const place = index % 3;
    if (place === 0) return [index + 1, index + 2];
    return [index + 3 - place];
  });
  return closureOfIndexes([...needs, []]);
}

/** Rows of `width` nodes, each needing all of the next row. */
export function rows(width: number, count: number): ClosureGraph {
  const needs = Array.from({ length: width * count }, (_, index) => {
    const next = (Math.floor(index / width) + 1) * width;
    return next === width * count ? [] : Array.from({ length: width }, (_need, place) => next + place);
  });
  return closureOfIndexes(needs);
}

export function chain(count: number): ClosureGraph {
  return closureOfIndexes(Array.from({ length: count }, (_, index) => (index + 1 < count ? [index + 1] : [])));
}
