/** How many bytes a layer needs below and with it: the size of its units' joint closure. */
import type { PlanningUnit } from "./planning-units.ts";
import { BLOCK, eachBit, flattenReferences, spreadToNeeds } from "./reach-words.ts";

/** For each group of unit indexes, the bytes of its units and all that they need, each counted once. */
export function groupClosureSizes(
  units: readonly PlanningUnit[],
  groups: readonly (readonly number[])[],
): readonly number[] {
  const sizes = groups.map(() => 0);
  const references = flattenReferences(units);
  const words = new Int32Array(units.length);
  for (let start = 0; start < groups.length; start += BLOCK) {
    words.fill(0);
    groups.slice(start, start + BLOCK).forEach((group, place) => {
      for (const unit of group) words[unit] = 1 << place;
    });
    spreadToNeeds(references, words, units.length - 1);
    const add = (word: number, bytes: number): void => eachBit(word, (bit) => (sizes[start + bit]! += bytes));
    // Neighbours are often in the same closures: a run of them is added at once.
    let runWord = 0;
    let runBytes = 0;
    units.forEach((unit, index) => {
      const word = words[index]!;
      if (word !== runWord) {
        add(runWord, runBytes);
        runWord = word;
        runBytes = 0;
      }
      runBytes += unit.size;
    });
    add(runWord, runBytes);
  }
  return sizes;
}
