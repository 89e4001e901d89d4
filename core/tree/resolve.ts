/** Following symbolic links inside a tree, never outside: `..` stops at the root, as in a chroot. */
import { ImageDslError } from "../error.ts";
import type { Entry } from "../model/entry.ts";
import { ROOT, displayPath, joinPath, parentOf, type TreePath } from "../model/path.ts";

/** As Linux's MAXSYMLINKS. */
const MAX_LINKS = 40;

/** What resolving needs of a tree: a `FileTree`, or one under construction. */
export interface Lookup {
  get(path: TreePath): Entry | undefined;
}

/**
 * The path that `path` (ordinary or with `..`, absolute or not) leads to. The last component is followed
 * unless `followLast` is false. Components that do not exist are kept as they are. Throws `E_TREE_LINK_LOOP`.
 */
export function resolvePath(tree: Lookup, path: string, options: { followLast?: boolean } = {}): TreePath {
  const followLast = options.followLast ?? true;
  const pending = path.split("/").reverse();
  let current: TreePath = ROOT;
  let links = 0;
  while (pending.length > 0) {
    const component = pending.pop()!;
    if (component === "" || component === ".") continue;
    if (component === "..") {
      current = parentOf(current);
      continue;
    }
    const next = joinPath(current, component);
    const entry = tree.get(next);
    if (entry?.type !== "symlink" || (!followLast && isLast(pending))) {
      current = next;
      continue;
    }
    if (++links > MAX_LINKS) {
      throw new ImageDslError(
        "E_TREE_LINK_LOOP",
        `Too many symbolic links while resolving ${displayPath(path as TreePath)}`,
      );
    }
    if (entry.target.startsWith("/")) current = ROOT;
    pending.push(...entry.target.split("/").reverse());
  }
  return current;
}

/** The entry that `path` leads to, links followed; undefined where there is none. */
export function lookup(tree: Lookup, path: string): Entry | undefined {
  const entry = tree.get(resolvePath(tree, path));
  return entry?.type === "hardlink" ? tree.get(entry.target) : entry;
}

function isLast(pending: readonly string[]): boolean {
  return pending.every((component) => component === "" || component === ".");
}
