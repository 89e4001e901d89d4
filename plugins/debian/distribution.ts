/**
 * The files by which scanners and programs tell the distribution. They are base-files' own, and are in an image of its
 * packages though base-files itself is not, unless something else is there in their place.
 */
import { withEntries, type Entry, type FileTree, type TreePath } from "../../core/index.ts";

const OS_RELEASE = ["etc/os-release", "usr/lib/os-release"];
const VERSION = "etc/debian_version";

/** Those of base-files. */
export function distributionEntries(baseFiles: FileTree): readonly Entry[] {
  return [...OS_RELEASE, VERSION].flatMap((path) => baseFiles.get(path as TreePath) ?? []);
}

/**
 * What the image says already counts, whoever says it. A base that has an os-release is of its own distribution, whose
 * version the other file would not be.
 */
export function withDistribution(tree: FileTree, entries: readonly Entry[], base: FileTree | undefined): FileTree {
  const says = (where: FileTree | undefined) => OS_RELEASE.some((path) => where?.has(path as TreePath));
  const added = entries.filter(({ path }) => (path === VERSION ? !tree.has(path) && !says(base) : !says(tree)));
  return added.length === 0
    ? tree
    : withEntries(
        tree,
        added.map((entry) => ({ ...entry, origin: "image" })),
      );
}
