/**
 * What lies apart from the packages: top-level directories that are none of Linux's own and that no package knows of, as an
 * app's is. Maintainer scripts hardly ever look there, and where none did, what they came to holds whatever is in them.
 */
import { ROOT, type Entry, type FileTree, type TreePath } from "../../../core/index.ts";

/** Names of directories. */
export type Apart = ReadonlySet<string>;

/** Those of the Filesystem Hierarchy Standard 3.0, section 3, and of /sys: what is made once for an image lies in them. */
const STANDARD =
  "bin boot dev etc home lib lib32 lib64 libx32 libo32 media mnt opt proc root run sbin srv sys tmp usr var".split(" ");

/** Nothing lies apart that a link from elsewhere leads to, be it through others. */
export function apartFrom(tree: FileTree, packages: readonly { readonly id: string }[]): Apart {
  const ids = new Set(packages.map(({ id }) => id));
  const apart = new Set<string>();
  const known = new Set(STANDARD);
  for (const { path, origin } of tree.entries()) {
    const top = topOf(path);
    if (ids.has(origin ?? "")) known.add(top);
    else if (top !== path) apart.add(top);
  }
  for (const name of known) apart.delete(name);
  return apart.size > 0 && leadInto(apart, tree.entries()) ? new Set() : apart;
}

/** Whether a link that lies elsewhere may lead into what lies apart. */
export function leadInto(apart: Apart, entries: readonly Entry[]): boolean {
  return entries.some((entry) => {
    if (entry.type !== "symlink" && entry.type !== "hardlink") return false;
    return !liesApart(entry.path, apart) && entry.target.split("/").some((name) => apart.has(name));
  });
}

/** Whether it is in such a directory; the directory itself is not. */
export function liesApart(path: TreePath, apart: Apart): boolean {
  const top = topOf(path);
  return top.length < path.length && apart.has(top);
}

export interface Lookout {
  readonly apart: Apart;
  /** At the entry of this path. */
  at(path: TreePath): void;
  /** At the names in this directory. */
  into(directory: TreePath): void;
  readonly hasSeen: boolean;
}

/** Tells whether anything that lies apart was looked at. */
export function lookout(apart: Apart): Lookout {
  let hasSeen = false;
  return {
    apart,
    at(path) {
      hasSeen ||= apart.size > 0 && liesApart(path, apart);
    },
    into(directory) {
      hasSeen ||= directory !== ROOT && apart.has(topOf(directory));
    },
    get hasSeen() {
      return hasSeen;
    },
  };
}

function topOf(path: TreePath): string {
  const end = path.indexOf("/");
  return end < 0 ? path : path.slice(0, end);
}
