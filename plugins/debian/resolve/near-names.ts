/** Names that somebody may have meant. */
const MOST_NEAR = 5;

/** Up to five names that differ by two letters at most (by one, in short names), nearest first. */
export function nearNames(wanted: string, lists: readonly Iterable<string>[]): readonly string[] {
  const limit = wanted.length <= 4 ? 1 : 2;
  const found = new Map<string, number>();
  for (const list of lists) {
    for (const name of list) {
      const distance = editDistance(wanted, name, limit);
      if (distance <= limit) found.set(name, distance);
    }
  }
  return Array.from(found)
    .toSorted(([a, near], [b, far]) => near - far || (a < b ? -1 : 1))
    .slice(0, MOST_NEAR)
    .map(([name]) => name);
}

/** Insertions, deletions, replacements and swaps of neighbours; something above `limit` as soon as it is passed. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit + 1;
}
