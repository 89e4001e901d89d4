/** Where a step stands among an image's contents: what tells one function of a config from another. */
import { isSource, type Json, type Source } from "../../core/index.ts";

/** Sources stand in lists or small objects; deeper than this is a circle. */
const DEPTH_LIMIT = 50;

/** The keys that lead to the source with these very options; undefined where there is none. */
export function placeOf(options: unknown, contents: readonly Source[]): Json | undefined {
  return search(contents, options, 0);
}

function search(value: unknown, wanted: unknown, depth: number): readonly string[] | undefined {
  if (depth > DEPTH_LIMIT || typeof value !== "object" || value === null) return undefined;
  if (isSource(value)) {
    return value.options === wanted ? [] : search(value.options, wanted, depth + 1);
  }
  for (const [key, member] of Object.entries(value)) {
    const below = search(member, wanted, depth + 1);
    if (below !== undefined) return [key, ...below];
  }
  return undefined;
}
