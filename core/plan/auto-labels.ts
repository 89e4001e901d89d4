/** Labels of the size-driven strategy, as people should see them: which primaries a layer is shared by. */
import type { PlanningUnit } from "./planning-units.ts";
import { BLOCK, flattenReferences, spreadToNeeds } from "./reach-words.ts";

/**
 * For each group of unit indexes, at most `most` members of its label: the primaries that need its units, less those
 * that do so only through another one. A primary's own group has the primary alone.
 */
export function groupLabels(
  units: readonly PlanningUnit[],
  groups: readonly (readonly number[])[],
  primaries: readonly number[],
  most: number,
): readonly (readonly number[])[] {
  const columns = [...primaries].sort((a, b) => a - b);
  const groupOf = new Map(groups.flatMap((group, index) => group.map((unit) => [unit, index])));
  const rows = usersAmong(units, groups, columns);
  return rows.map((row) => {
    const label: number[] = [];
    const rest = row.slice();
    // The lowest of the rest needs none of the others; whoever needs it reaches the group through it.
    for (let column = lowestBit(rest); column !== -1 && label.length < most; column = lowestBit(rest)) {
      const primary = columns[column]!;
      label.push(primary);
      const its = rows[groupOf.get(primary)!]!;
      for (let block = 0; block < rest.length; block++) rest[block]! &= ~its[block]!;
    }
    return label;
  });
}

/** For each group, a bit for each of `columns` that needs its units or is one of them. */
function usersAmong(
  units: readonly PlanningUnit[],
  groups: readonly (readonly number[])[],
  columns: readonly number[],
): readonly Int32Array[] {
  const blocks = Math.ceil(columns.length / BLOCK);
  const rows = groups.map(() => new Int32Array(blocks));
  const references = flattenReferences(units);
  const words = new Int32Array(units.length);
  for (let block = 0; block < blocks; block++) {
    words.fill(0);
    columns.slice(block * BLOCK, (block + 1) * BLOCK).forEach((unit, place) => (words[unit] = 1 << place));
    spreadToNeeds(references, words, units.length - 1);
    // All units of a group are needed by the same primaries: any of them will do.
    groups.forEach((group, index) => (rows[index]![block] = words[group[0]!]!));
  }
  return rows;
}

function lowestBit(words: Int32Array): number {
  const block = words.findIndex((word) => word !== 0);
  if (block === -1) return -1;
  const word = words[block]!;
  return block * BLOCK + 31 - Math.clz32(word & -word);
}
