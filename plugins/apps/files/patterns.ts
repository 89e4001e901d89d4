/**
 * `files` of a package.json: what a package consists of, as npm packs it. A pattern that names a folder takes all in it, `!` takes
 * some of it away again, and of several the last one that fits decides.
 */
import { encodeText, globMatcher, withoutEndSlashes, type TreePath } from "../../../core/index.ts";

export interface Patterns {
  /** Whether the file is one of them. */
  takes(path: TreePath): boolean;
  /** Whether something in the folder may be. */
  mayHold(folder: TreePath): boolean;
}

interface Line {
  readonly isException: boolean;
  readonly matches: (path: TreePath) => boolean;
  /** The names before the first that is a glob. */
  readonly head: string;
}

/** Throws `E_PATH_INVALID` for a glob that is not closed. */
export function patternsOf(patterns: readonly string[]): Patterns {
  const lines = patterns.map(readLine);
  return {
    takes(path) {
      const last = lines.findLast(({ matches }) => matches(path));
      return last !== undefined && !last.isException;
    },
    mayHold: (folder) =>
      lines.some(({ isException, head }) => !isException && (isWithin(head, folder) || isWithin(folder, head))),
  };
}

function readLine(pattern: string): Line {
  const isException = pattern.startsWith("!");
  const glob = withoutEndSlashes(pattern.slice(isException ? 1 : 0).replace(/^(?:\.?\/)+/, ""));
  const names = glob.split("/");
  const magic = names.findIndex((name) => /[*?[{\\]/.test(name));
  const head = encodeText((magic < 0 ? names : names.slice(0, magic)).join("/"));
  if (glob === "" || glob === ".") return { isException, matches: () => true, head: "" };
  return { isException, matches: globMatcher([glob]), head };
}

function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}
