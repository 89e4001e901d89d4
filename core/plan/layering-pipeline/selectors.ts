/** Which nodes a step's selectors mean. */
import { encodeText } from "../../model/bytes.ts";
import type { ClosureGraph, ClosureNode } from "../../closure/closure.ts";
import type { TreePath } from "../../model/path.ts";
import { globMatcher } from "../../tree/glob.ts";
import type { PlanningUnit } from "../planning-units.ts";
import type { Selector } from "./steps.ts";

/** Finds units by what users call their nodes. A unit is meant where one of its nodes is: a cycle stays together. */
export interface SelectorIndex {
  /** Indexes of units, ascending; none where nothing matches. */
  find(selector: Selector): readonly number[];
  /** What is matched exactly: ids and names. */
  names(): Iterable<string>;
}

export function selectorIndex(graph: ClosureGraph, units: readonly PlanningUnit[]): SelectorIndex {
  const exact = new Map<string, Set<number>>();
  const add = (text: string, unit: number): void => void exact.set(text, (exact.get(text) ?? new Set()).add(unit));
  units.forEach(({ ids }, unit) => {
    for (const id of ids) {
      add(id, unit);
      add(graph.nodes.get(id)!.name, unit);
    }
  });
  const nodes = units.map(({ ids }) => ids.map((id) => graph.nodes.get(id)!));
  const roots = new Set(graph.roots);
  const matching = (test: (node: ClosureNode) => boolean): number[] =>
    nodes.flatMap((members, unit) => (members.some(test) ? [unit] : []));

  const search = (selector: Selector): readonly number[] => {
    if (typeof selector === "object") {
      if (selector.role === "root") return matching(({ id }) => roots.has(id));
      return units.flatMap(({ needs }, unit) => (needs.length === 0 ? [unit] : []));
    }
    const found = exact.get(selector);
    if (found !== undefined) return [...found].sort((a, b) => a - b);
    if (!isGlob(selector)) return [];
    const matches = globMatcher([selector]);
    return matching(({ name }) => matches(encodeText(name).replace(/^\/+/, "") as TreePath));
  };
  // `map` asks for the same again and again.
  const known = new Map<Selector, readonly number[]>();
  return {
    names: () => exact.keys(),
    find(selector) {
      const found = known.get(selector) ?? search(selector);
      known.set(selector, found);
      return found;
    },
  };
}

/** Whether a text is one where it is nothing's exact name: a store path's may hold a `?`. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

export function asList<Item>(value: Item | readonly Item[]): readonly Item[] {
  return isList(value) ? value : [value];
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
