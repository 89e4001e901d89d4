/** Stages command and runAsRoot: the user's scripts over the merged tree. */
import { ImageDslError } from "../../error.ts";
import type { TreeChanges } from "../../image/cut.ts";
import type { Entry, FileEntry } from "../../model/entry.ts";
import { isUnder, type TreePath } from "../../model/path.ts";
import { diffTrees } from "../../tree/diff.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { mergeTrees } from "../../tree/merge.ts";
import type { Build } from "../build.ts";
import { closureGraph } from "../../closure/closure-graph.ts";
import type { RunContext, StageContext } from "../hooks.ts";
import { collectSource, partsOf } from "./collect.ts";

export interface ScriptResult {
  readonly tree: FileTree;
  readonly changes: TreeChanges;
}

export async function runScripts(
  build: Build,
  context: StageContext,
  merged: FileTree,
  keepFailed: boolean,
): Promise<ScriptResult> {
  const runContext: RunContext = {
    ...context,
    keepFailed,
    async treeOf(source) {
      const { nodes, roots, image } = await collectSource(build, context, source);
      const parts = partsOf({ graph: closureGraph(nodes, roots), image: image ? [image] : [] });
      return mergeTrees(parts, { collisions: build.spec.collisions });
    },
  };
  let tree = merged;
  for (const run of build.spec.runs) {
    context.signal.throwIfAborted();
    const after = await build.hooks.run.for(run.runner).promise(run, tree, runContext);
    if (after === undefined) {
      throw new ImageDslError(
        "E_CONFIG_INVALID",
        `No plugin runs scripts by "${run.runner}", which ${run.name} needs`,
        {
          place: { path: `images.${build.target}.${run.name}` },
        },
      );
    }
    tree = after;
  }
  return { tree, changes: changesBetween(merged, tree) };
}

function changesBetween(before: FileTree, after: FileTree): TreeChanges {
  if (before === after) return { changed: [], removed: [] };
  const { changed, removed } = diffTrees(before, after);
  return {
    changed: withWholeLinkGroups(changed, after).map((entry) => ({ ...entry, origin: "image" })),
    removed: removed.filter((path) => !isGoneWithParent(path, removed, after)),
  };
}

/** A new name for a lower file brings the file along: links cannot reach into another layer. */
function withWholeLinkGroups(changed: readonly Entry[], after: FileTree): Entry[] {
  const byPath = new Map<TreePath, Entry>(changed.map((entry) => [entry.path, entry]));
  const targets = new Set<TreePath>();
  for (const entry of changed) if (entry.type === "hardlink") targets.add(entry.target);
  if (targets.size === 0) return [...byPath.values()];
  for (const entry of after.entries()) {
    const target = entry.type === "hardlink" ? entry.target : entry.path;
    if (targets.has(target)) byPath.set(entry.path, entry as FileEntry);
  }
  return [...byPath.values()];
}

/** Deleting a directory, or putting something else in its place, deletes what is below it. */
function isGoneWithParent(path: TreePath, removed: readonly TreePath[], after: FileTree): boolean {
  return removed.some((other) => other !== path && isUnder(path, other)) || hasForeignParent(path, after);
}

function hasForeignParent(path: TreePath, after: FileTree): boolean {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const parent = after.get(path.slice(0, slash) as TreePath);
    if (parent !== undefined && parent.type !== "directory") return true;
  }
  return false;
}
