/** Where an overlay mount shows what lies below it: what is whited out or replaced nowhere, what is in a renamed directory there. */
import {
  ROOT,
  baseNameOf,
  joinPath,
  parentOf,
  treePathFromBytes,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";

const OPAQUE = "trusted.overlay.opaque";
const REDIRECT = "trusted.overlay.redirect";

/** The place of a path below, undefined where it is not to be seen. */
export type PlaceOf = (path: TreePath) => TreePath | undefined;

/** `upper`: entries of the upper directory, in tree order. */
export function placesBelow(below: FileTree, upper: readonly Entry[]): PlaceOf {
  const isDirectory = (path: TreePath): boolean => path === ROOT || below.get(path)?.type === "directory";
  /** By directories of the upper one, those below that they show. */
  const shown = new Map<TreePath, TreePath>([[ROOT, ROOT]]);
  /** By directories below, where they went. */
  const moved = new Map<TreePath, TreePath>([[ROOT, ROOT]]);
  /** What hides all that lies below at its own path. */
  const hiding = new Set<TreePath>();
  for (const entry of upper) {
    const parent = shown.get(parentOf(entry.path));
    const own = parent === undefined ? undefined : joinPath(parent, baseNameOf(entry.path));
    const from = lowerOf(entry, parent, own);
    const isShown = from !== undefined && isDirectory(from);
    if (isShown) shown.set(entry.path, from);
    if (isShown && from === own) continue;
    hiding.add(entry.path);
    if (isShown) moved.set(from, entry.path);
  }
  return (path) => {
    let from = path;
    while (!moved.has(from)) from = parentOf(from);
    const to = moved.get(from)!;
    const place = joinPath(to, from === ROOT ? path : path.slice(from.length + 1));
    for (let each = place; each !== to; each = parentOf(each)) if (hiding.has(each)) return undefined;
    return place;
  };
}

/** The path below that the upper entry shows if there is a directory: `own`, or what it was renamed from, from the root or in the same directory. */
function lowerOf(entry: Entry, parent: TreePath | undefined, own: TreePath | undefined): TreePath | undefined {
  if (entry.type !== "directory" || entry.xattrs?.[OPAQUE] === "y") return undefined;
  const redirect = entry.xattrs?.[REDIRECT];
  if (redirect === undefined) return own;
  if (redirect.startsWith("/")) return treePathFromBytes(redirect);
  return parent === undefined ? undefined : joinPath(parent, redirect);
}
