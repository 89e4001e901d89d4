/**
 * Configuration files of unpacked packages: dpkg has them beside their places, as NAME.dpkg-new, until the package is configured, so that
 * scripts of others do not meet them before. debootstrap unpacks the minimal set without that.
 */
import { treePathFromBytes, type FileTree, type TreePath, withEntries, withoutPaths } from "../../../core/index.ts";
import type { OrderedPackage } from "../ordered-packages.ts";
import { controlText } from "../scripts/control-member.ts";

/** Those that lie in the tree as their packages have them; what somebody else put in such a place stays there. */
export function waitingConffiles(tree: FileTree, packages: readonly OrderedPackage[]): ReadonlySet<TreePath> {
  const linked = new Set(tree.entries().flatMap((entry) => (entry.type === "hardlink" ? [entry.target] : [])));
  const waiting = new Set<TreePath>();
  for (const item of packages.filter(({ turn }) => turn.unpacked > 0)) {
    for (const line of (controlText(item, "conffiles") ?? "").split("\n")) {
      if (!line.startsWith("/")) continue;
      const path = treePathFromBytes(line.trim());
      const entry = tree.get(path);
      if (entry?.type === "file" && entry.origin === item.id && !linked.has(path)) waiting.add(path);
    }
  }
  return waiting;
}

export function withWaiting(tree: FileTree, waiting: ReadonlySet<TreePath>): FileTree {
  const moved = [...waiting].map((path) => ({ ...tree.get(path)!, path: treePathFromBytes(`${path}.dpkg-new`) }));
  return withEntries(withoutPaths(tree, waiting), moved);
}
