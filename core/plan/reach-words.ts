/**
 * Reachability for 32 units at a time: one 32-bit word per unit, whose bit n says whether the nth thing of the
 * block needs the unit. A sweep over all references fills the words of a block, so that questions about whole
 * closures cost (units + references) / 32 for each unit asked about, and memory stays at one word per unit.
 *
 * The sweep leans on the order of `condense`: what a unit needs has a lower index.
 */
import type { Unit } from "../closure/condense.ts";

export const BLOCK = 32;

/** All references in one array: unit `n` needs those from `starts[n]` to below `starts[n + 1]`. */
export interface References {
  readonly starts: Int32Array;
  readonly needs: Int32Array;
}

/** Sweeps are the planners' inner loop, and several times faster on flat arrays than on arrays of arrays. */
export function flattenReferences(units: readonly Unit[]): References {
  const starts = new Int32Array(units.length + 1);
  units.forEach((unit, index) => (starts[index + 1] = starts[index]! + unit.needs.length));
  const needs = new Int32Array(starts[units.length]!);
  units.forEach((unit, index) => needs.set(unit.needs, starts[index]!));
  return { starts, needs };
}

/** Every unit's word gets the bits of all its users, transitively. Words above the index `last` must be 0. */
export function spreadToNeeds({ starts, needs }: References, words: Int32Array, last: number): void {
  for (let index = last; index >= 0; index--) {
    const word = words[index]!;
    if (word === 0) continue;
    const end = starts[index + 1]!;
    for (let place = starts[index]!; place < end; place++) words[needs[place]!]! |= word;
  }
}

/** Calls `visit` with the number of each bit that is set, lowest first. */
export function eachBit(word: number, visit: (bit: number) => void): void {
  for (let rest = word; rest !== 0; rest &= rest - 1) visit(31 - Math.clz32(rest & -rest));
}
