/** A tree on paper against a real one: types, bytes, modes, owners, links. */
import {
  displayBytes,
  readWhole,
  type Entry,
  type FileEntry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";
import { KNOWN_DIFFERENCES, comparableDigest, isKnown, type KnownDifference } from "./known-differences.ts";
import { metaText, type RealEntry, type RealTree } from "./real-tree.ts";

const LARGEST = 1 << 30;

/** Gives `PATH: WHAT` for each difference that is not known. Files that most packages share are read once for all comparisons. */
export function treeComparison(
  allowed: readonly KnownDifference[] = KNOWN_DIFFERENCES,
): (real: RealTree, tree: FileTree) => readonly string[] {
  const digests = new Map<string, string>();

  function digestOf(entry: FileEntry): string {
    const { content, size, path } = entry;
    if (content.kind !== "slice") return comparableDigest(path, readWhole(entry));
    const key = `${content.archive} ${content.offset} ${size}`;
    const known = digests.get(key) ?? comparableDigest(path, readWhole(entry, LARGEST));
    digests.set(key, known);
    return known;
  }

  function difference(real: RealEntry | undefined, entry: Entry | undefined, tree: FileTree): string | undefined {
    if (!entry) return `only real (${real!.kind})`;
    const paper = kindOf(entry);
    if (!real) return `only on paper (${paper})`;
    if (paper !== real.kind) return `a ${paper} on paper, really a ${real.kind}`;
    const meta = metaText(paper, entry);
    if (meta !== real.meta) return `${meta} on paper, really ${real.meta}`;
    if (entry.type === "symlink") {
      return entry.target === real.value ? undefined : `-> ${entry.target} on paper, really -> ${real.value}`;
    }
    const content = entry.type === "hardlink" ? tree.get(entry.target) : entry;
    return content?.type !== "file" || digestOf(content) === real.value ? undefined : "other bytes";
  }

  return (real, tree) => {
    const paths = new Set<string>([...Object.keys(real), ...tree.entries().map(({ path }) => path)]);
    return [...paths].sort().flatMap((path) => {
      const there = real[path];
      if (isKnown(path, there?.kind === "symlink" ? there.value : undefined, allowed)) return [];
      const problem = difference(there, tree.get(path as TreePath), tree);
      return problem === undefined ? [] : [`${displayBytes(path)}: ${problem}`];
    });
  };
}

function kindOf({ type }: Entry): RealEntry["kind"] {
  if (type === "hardlink") return "file";
  return type === "character" || type === "block" ? "device" : type;
}
