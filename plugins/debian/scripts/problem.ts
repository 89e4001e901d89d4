/** Why the scripts of a package could not be worked out, as it is told. */
import { displayBytes } from "../../../core/index.ts";
import type { NotCovered } from "./shell/state.ts";

export interface Problem {
  readonly script: string;
  readonly line?: number;
  readonly reason: string;
}

/** The line of the script itself, with the one of what it called in parentheses. */
export function placeOf(problem: NotCovered, script: string): { readonly line?: number; readonly reason: string } {
  const own = problem.places.find((place) => place.source.name === script);
  const inner = problem.places[0];
  const where = inner && inner !== own ? ` (${displayBytes(inner.source.name)}:${inner.line})` : "";
  return { ...(own ? { line: own.line } : {}), reason: problem.message + where };
}
