/**
 * How popular each unit is: the more ways lead to it, and the deeper it lies, the more.
 *
 * The count is defined from unit to unit (a need counts 1, and every count of a need's own counts is passed on with 1
 * added), which takes units × closures steps. Unrolled, it is P(y) + Σ P(c) over all c that need y, directly or not,
 * where P is the number of ways from the roots, the units that no other needs. Counts double with every diamond of
 * needs, so they are big integers, and adding them is what costs. Two neighbours have nearly the same users, so each
 * unit's sum starts from the sum of one of its users, and adds only those that this user lacks.
 */
import type { Unit } from "../closure/condense.ts";
import { BLOCK, eachBit, flattenReferences, spreadToNeeds } from "./reach-words.ts";

/** The popularity of each of the units of `condense`. Source: nixpkgs' references-by-popularity. */
export function popularityCounts(units: readonly Unit[]): readonly bigint[] {
  const ways = waysFromRoots(units);
  const nearest = nearestUsers(units);
  const lacking = sumsOfLacking(units, nearest, ways);
  const above = units.map(() => 0n);
  for (let index = units.length - 1; index >= 0; index--) {
    const user = nearest[index]!;
    if (user !== -1) above[index] = above[user]! + ways[user]! + lacking[index]!;
  }
  return ways.map((count, index) => count + above[index]!);
}

/** P: how many ways lead from the roots to each unit; to a root itself, one. */
function waysFromRoots(units: readonly Unit[]): readonly bigint[] {
  const ways = units.map(() => 0n);
  for (let index = units.length - 1; index >= 0; index--) {
    // Users have higher indexes: without any way to it by now, the unit is a root.
    if (ways[index] === 0n) ways[index] = 1n;
    for (const need of units[index]!.needs) ways[need]! += ways[index]!;
  }
  return ways;
}

/** For each unit the user with the lowest index, which tends to have the most users itself; -1 for a root. */
function nearestUsers(units: readonly Unit[]): Int32Array {
  const nearest = new Int32Array(units.length).fill(-1);
  for (let index = units.length - 1; index >= 0; index--) {
    for (const need of units[index]!.needs) nearest[need] = index;
  }
  return nearest;
}

/** For each unit, Σ P over those that need it but neither are its nearest user nor need that. */
function sumsOfLacking(units: readonly Unit[], nearest: Int32Array, ways: readonly bigint[]): readonly bigint[] {
  const sums = units.map(() => 0n);
  const references = flattenReferences(units);
  const words = new Int32Array(units.length);
  for (let start = 0; start < units.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, units.length);
    words.fill(0);
    for (let index = start; index < end; index++) words[index] = 1 << (index - start);
    spreadToNeeds(references, words, end - 1);
    const sumOf = wordSums(ways, start);
    for (let index = 0; index < end; index++) {
      const user = nearest[index]!;
      if (user === -1) continue;
      const own = index < start ? 0 : 1 << (index - start);
      const lacking = words[index]! & ~words[user]! & ~own;
      if (lacking !== 0) sums[index]! += sumOf(lacking);
    }
  }
  return sums;
}

/** Σ P over the units of a word; words come again and again, so their sums are kept. */
function wordSums(ways: readonly bigint[], start: number): (word: number) => bigint {
  const known = new Map<number, bigint>();
  return (word) => {
    let sum = known.get(word);
    if (sum === undefined) {
      sum = 0n;
      eachBit(word, (bit) => (sum! += ways[start + bit]!));
      known.set(word, sum);
    }
    return sum;
  };
}
