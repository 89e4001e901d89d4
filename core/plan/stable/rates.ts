/** How often things change: what was seen of it, and a little doubt. */

/** Before anything was seen, everything changes as often: in one of twenty updates, as if four had been seen. */
const ASSUMED = { changes: 0.2, updates: 4 } as const;

/** Of each entry beside its bytes: its header and what fills its last block, in bytes. */
const ENTRY = 1024;

/** Expected changes in one update. */
export function rateOf(changes: number, updates: number): number {
  return (changes + ASSUMED.changes) / (updates + ASSUMED.updates);
}

/** How likely something changes in an update that has this rate in all: changes come in bursts, so that it stays below 1. */
export function chanceOf(rate: number): number {
  return rate / (1 + rate);
}

/** Bytes of a layer's tar, roughly. */
export function weightOf({ size, tree }: { readonly size: number; readonly tree: { readonly size: number } }): number {
  return size + ENTRY * tree.size;
}
