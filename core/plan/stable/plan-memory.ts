/**
 * What is remembered of an image's layers from one plan to the next: what lies in each, and how often it changed. Nodes are known by
 * keys without their versions, so that a package is the same one after it was updated.
 */
import type { ClosureGraph, ClosureNode } from "../../closure/closure.ts";
import { inTotalOrder } from "../../closure/node-order.ts";
import { digestOf, digestOfTexts, hexOf } from "../../model/digest.ts";
import type { FileTree } from "../../tree/file-tree.ts";

/** What the strategy `stable` knows of earlier builds of a target; it lies in the lock. */
export interface PlanMemory {
  /** How often the closure was another one than before. */
  readonly updates: number;
  /** In how many of them each node was another one, by its key; never, where it is missing. */
  readonly changes: ReadonlyMap<string, number>;
  /** Bottom first. */
  readonly layers: readonly RememberedLayer[];
  /** Bytes of all updates together: what was expected to move, and what did. */
  readonly expected: number;
  /** Bytes of the layers that were other ones after an update. */
  readonly moved: number;
}

/** What each of its nodes was, by its key: equal for equal nodes. */
export type RememberedLayer = ReadonlyMap<string, string>;

/** Nodes as they are remembered, by id. Nodes of one name differ by a number, in the order of their ids. */
export function nodeKeys({ nodes }: Pick<ClosureGraph, "nodes">): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  const keys = inTotalOrder(nodes.values()).map(({ id, kind, name }) => {
    const key = `${kind}/${name}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return [id, count === 1 ? key : `${key}#${count}`] as const;
  });
  return new Map(keys);
}

/**
 * What a node is: its id says which version of what, its paths where (npm moves a package when others come and go). Of what is not pinned
 * the id says no such thing: that is always the same.
 */
export function identityOf({ id, tree, volatility }: ClosureNode): string {
  return volatility === "pinned" ? hexOf(digestOf(`${id}\0${placesOf(tree)}`)).slice(0, 12) : "";
}

const places = new WeakMap<FileTree, string>();

/** Asked for several times in each plan. */
function placesOf(tree: FileTree): string {
  const known = places.get(tree);
  if (known !== undefined) return known;
  const found = digestOfTexts(tree.entries().map(({ path }) => `${path}\0`));
  places.set(tree, found);
  return found;
}
