/** Stages command and runAsRoot: the user's scripts over the merged tree. */
import { ImageDslError } from "../../error.ts";
import { diffTrees, type TreeChanges } from "../../tree/diff.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import type { Build } from "../../pipeline/build.ts";
import type { RunContext, StageContext } from "../../pipeline/hooks.ts";
import { treeOfSource } from "./collect.ts";

export interface ScriptResult {
  readonly tree: FileTree;
  readonly changes: TreeChanges;
}

export async function runScripts(build: Build, context: StageContext, merged: FileTree): Promise<ScriptResult> {
  const { runs } = build.spec;
  const { keepFailed, check, moduleGraph: readGraph } = context.scripts;
  const moduleGraph = runs.some(({ script }) => typeof script === "function") ? await readGraph() : undefined;
  const runContext: RunContext = {
    ...context,
    keepFailed,
    check,
    ...(moduleGraph && { moduleGraph }),
    treeOf: (source) => treeOfSource(build, context, source),
  };
  let tree = merged;
  for (const run of runs) {
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
  return { changed: changed.map((entry) => ({ ...entry, origin: "image" })), removed };
}
