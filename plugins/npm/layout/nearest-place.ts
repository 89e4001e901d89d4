/** Where a patch that Yarn brings along goes: made for one version of a package, its hunks lie elsewhere in others (Yarn's tools/apply.ts). */

export interface LinesOfHunk {
  /** Where it would be in the patched file, from 1. */
  readonly newStart: number;
  /** What it expects to find. */
  readonly expected: readonly string[];
}

/** From 0; undefined where nothing fits. `least`: what lies above is taken; `drift`: how far off the hunks above were. */
export function nearestPlace(
  lines: readonly string[],
  { newStart, expected }: LinesOfHunk,
  least: number,
  drift: number,
): { readonly start: number; readonly drift: number } | undefined {
  // Yarn begins to look one line too low, which decides where two places are equally near.
  const guess = Math.max(least, newStart + drift);
  const [above, below] = [guess - least, lines.length - guess - expected.length];
  for (let distance = 0; distance <= Math.max(above, below); distance++) {
    for (const offset of [-distance, distance]) {
      const start = guess + offset;
      if (start >= least && expected.every((line, at) => isAlike(lines[start + at], line)))
        return { start, drift: drift + offset };
    }
  }
  return undefined;
}

/** But for blanks at its end. */
export function isAlike(found: string | undefined, expected: string): boolean {
  return found !== undefined && found.trimEnd() === expected.trimEnd();
}
