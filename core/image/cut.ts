/** Cutting the one tree into layers by the plan; what belongs to no node, and what scripts changed, tops them. */
import { ImageDslError } from "../error.ts";
import type { DirectoryEntry, Entry, Origin } from "../model/entry.ts";
import { metaOf } from "../model/entry.ts";
import {
  baseNameOf,
  comparePaths,
  displayPath,
  joinPath,
  nameStartsWith,
  parentOf,
  type TreePath,
} from "../model/path.ts";
import type { LayerPlan } from "../model/plan.ts";
import { WHITEOUT } from "../model/whiteout.ts";
import { missingPaths, type TreeChanges } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { atOnce, visitAll, type Pausing } from "../tree/turns.ts";
import { inlineFile } from "../tree/inline-file.ts";
import { withParents } from "../tree/parents.ts";
import { BASE } from "./base-image.ts";

export interface CutLayer {
  /** In tar order: sorted, parents first, hard links behind their file. */
  readonly entries: readonly Entry[];
  readonly nodes: readonly Origin[];
}

export interface CutInput {
  /** The merged tree, before scripts. */
  readonly tree: FileTree;
  /** What scripts made of it, and the tree that it is since. */
  readonly scripts: { readonly tree: FileTree; readonly changes: TreeChanges };
  readonly plan: LayerPlan;
  /** What lies below all layers of ours. */
  readonly base?: FileTree;
}

/**
 * One layer for each group of the plan that has entries, then the top layer if it has any; what the base brings is in
 * none. Parent directories are repeated in each layer with the metadata of `tree`. What a layer below holds and the
 * finished tree does not, the top layer deletes, whoever took it away.
 */
export function cutLayers(input: CutInput): CutLayer[] {
  return atOnce(cutInPieces(input));
}

/** As `cutLayers`, with pauses. */
export function* cutInPieces({ tree, scripts, plan, base }: CutInput): Pausing<CutLayer[]> {
  const groupOf = new Map<Origin, number>();
  plan.groups.forEach((group, index) => group.nodes.forEach((node) => groupOf.set(node, index)));
  const top = plan.groups.length;
  const layers: Entry[][] = Array.from({ length: top + 1 }, () => []);

  yield* visitAll(tree.entries(), (entry) => {
    if (entry.origin === BASE) return;
    refuseWhiteout(entry.path, "Rename the file, or leave it out with a filter");
    layers[groupOf.get(entry.origin ?? "image") ?? top]!.push(entry);
  });
  // What holds all of the tree has its parents.
  const whole = layers.find((entries) => entries.length === tree.size);
  const removed = [...removedByScripts(), ...(base === undefined ? [] : missingPaths(base, scripts.tree))];
  const parentAt = (path: TreePath): DirectoryEntry => {
    const parent = tree.get(path);
    if (parent?.type !== "directory") throw new Error(`The merged tree has no directory at ${displayPath(path)}`);
    return parent;
  };

  yield;
  const result: CutLayer[] = [];
  for (const [index, ofPlan] of layers.entries()) {
    const entries = index === top ? topEntries(ofPlan, scripts, removed) : ofPlan;
    yield;
    if (entries.length === 0) continue;
    const complete = entries === whole ? entries : withParents(entries, parentAt);
    result.push({ entries: withLinksInside(complete, tree), nodes: plan.groups[index]?.nodes ?? [] });
    yield;
  }
  return result;

  /** What was in the top layer alone is just not there any more. */
  function removedByScripts(): readonly TreePath[] {
    const isBelowTop = ({ origin }: Entry): boolean => origin !== undefined && groupOf.has(origin);
    return scripts.changes.removed.filter((path) => {
      const entry = tree.get(path);
      return entry !== undefined && (isBelowTop(entry) || tree.under(path).some(isBelowTop));
    });
  }
}

/** In order: what is there to the end, what changed in place of what was, and what deletes. */
function topEntries(
  entries: Entry[],
  { tree, changes }: CutInput["scripts"],
  removed: readonly TreePath[],
): readonly Entry[] {
  const isAsMerged = changes.changed.length === 0 && changes.removed.length === 0;
  if (isAsMerged && removed.length === 0) return entries;
  for (const { path } of changes.changed) refuseWhiteout(path, "Let the script that made it rename or remove it");
  const kept = isAsMerged ? entries : entries.filter(({ path }) => tree.has(path));
  const all = new Map(kept.map((entry) => [entry.path, entry]));
  for (const entry of [...changes.changed, ...removed.map(whiteoutOf)]) all.set(entry.path, entry);
  return [...all.values()].sort((a, b) => comparePaths(a.path, b.path));
}

/** Only we ourselves may say by a name that something is deleted. */
function refuseWhiteout(path: TreePath, hint: string): void {
  if (!nameStartsWith(path, WHITEOUT)) return;
  const message = `${displayPath(path)} has a name that container runtimes read as a deletion`;
  throw new ImageDslError("E_TREE_INVALID", message, { hint });
}

function whiteoutOf(path: TreePath): Entry {
  return inlineFile(joinPath(parentOf(path), `${WHITEOUT}${baseNameOf(path)}`), new Uint8Array(0));
}

/**
 * The names that a file has inside one layer: the first in order becomes the file, the others link to it. Names in
 * other layers become files of their own there, since a layer's links cannot reach into another.
 */
function withLinksInside(sorted: readonly Entry[], tree: FileTree): readonly Entry[] {
  const linked = new Set<TreePath>();
  for (const entry of sorted) if (entry.type === "hardlink") linked.add(entry.target);
  if (linked.size === 0) return sorted;

  const inLayer = new Map(sorted.map((entry) => [entry.path, entry]));
  const firstName = new Map<TreePath, TreePath>();
  return sorted.map((entry) => {
    const target = entry.type === "hardlink" ? entry.target : entry.path;
    if (!linked.has(target)) return entry;
    const first = firstName.get(target);
    if (first !== undefined) return { ...metaOf(entry), type: "hardlink", target: first };
    const file = inLayer.get(target) ?? tree.get(target);
    if (file?.type !== "file") throw new Error(`The merged tree has no file at ${displayPath(target)}`);
    firstName.set(target, entry.path);
    return { ...metaOf(entry), type: "file", size: file.size, content: file.content };
  });
}
