/** Names that come into no image by the way: a repository's history, and what an application's environment keeps secret. */
import { baseNameOf, type TreePath } from "../../core/index.ts";

const PRIVATE = /^(?:\.git$|\.env)/;

export interface PrivateNames {
  /** Whether the path's own name is one of them. What is asked about and is one of them is `met`. */
  has(path: TreePath): boolean;
  /** Whether any name on the path is. */
  holds(path: TreePath): boolean;
  readonly met: ReadonlySet<string>;
}

/** `globs`: who names it wants it. */
export function privateNames(globs: readonly string[] = []): PrivateNames {
  const wanted = globs.filter((glob) => !glob.startsWith("!")).flatMap((glob) => glob.split("/"));
  const isWanted = (name: string): boolean =>
    wanted.some((word) => word === name || (word.startsWith(".env") && /[*?[{(]/.test(word)));
  const met = new Set<string>();
  const isPrivate = (name: string): boolean => {
    if (!PRIVATE.test(name) || isWanted(name)) return false;
    met.add(name);
    return true;
  };
  return {
    has: (path) => isPrivate(baseNameOf(path)),
    holds: (path) => path.includes(".") && path.split("/").some(isPrivate),
    met,
  };
}
