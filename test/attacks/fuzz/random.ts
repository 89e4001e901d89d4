/** Numbers that look random and are the same each time (xorshift32; Marsaglia 2003): an input is known by its parser and its number. */
export interface Random {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  of<Item>(items: readonly Item[]): Item;
}

export function randomFrom(seed: number): Random {
  // Neighbouring seeds begin far from each other.
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  const below = (count: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % count;
  };
  return { below, of: (items) => items[below(items.length)]! };
}
