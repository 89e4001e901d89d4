/** Why the scripts of a package could not be worked out, as it is told. */
import { displayBytes } from "../../../core/index.ts";
import { FileSystemError } from "./file-system.ts";
import { isStackEnd, NotCovered, type Shell } from "./shell/state.ts";

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

/** Whatever a script can bring about, as a refusal with its line; undefined for a fault of ours. */
export function refusalOf(error: unknown, shell: Shell | undefined): NotCovered | undefined {
  if (error instanceof NotCovered) return error;
  const isStack = isStackEnd(error);
  if (!isStack && !(error instanceof FileSystemError)) return undefined;
  const refusal = new NotCovered(isStack ? "commands are nested too deep" : (error as Error).message);
  if (shell && shell.position >= 0) refusal.addPlace(shell.source, shell.position);
  return refusal;
}
