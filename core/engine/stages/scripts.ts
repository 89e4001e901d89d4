/** Stages command and runAsRoot: scripts over the merged tree. */
import { ImageDslError } from "../../error.ts";
import { compareTrees, type TreeChanges } from "../../tree/diff.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { giveTurn, inTurns } from "../../tree/turns.ts";
import type { RunSpec } from "../../model/image-spec.ts";
import type { Build } from "../../pipeline/build.ts";
import type { RunContext, StageContext } from "../../pipeline/hooks.ts";
import { knownTreeOfSource } from "../known-tree-of-source.ts";
import { ofPart } from "../of-part.ts";
import { treeOfSource } from "./collect.ts";

export interface ScriptResult {
  readonly tree: FileTree;
  readonly changes: TreeChanges;
}

export async function runScripts(
  build: Build,
  context: StageContext,
  merged: FileTree,
  runs: readonly RunSpec[],
): Promise<ScriptResult> {
  const { keepFailed, check, moduleGraph: readGraph } = context.scripts;
  const moduleGraph = runs.some(({ script }) => typeof script === "function") ? await readGraph() : undefined;
  const runContext: RunContext = {
    ...context,
    keepFailed,
    check,
    ...(moduleGraph && { moduleGraph }),
    treeOf: (source, platform = context.platform) => treeOfSource(build, { ...context, platform }, source),
    knownTreeOf: (source) => knownTreeOfSource(build, context, source, (more) => treeOfSource(build, more, source)),
  };
  let tree = merged;
  for (const run of runs) {
    await giveTurn(context.signal);
    const before = tree;
    tree = await ofPart(run, context, async () => {
      const after = await build.hooks.run.for(run.runner).promise(run, before, runContext);
      if (after !== undefined) return after;
      throw new ImageDslError("E_CONFIG_INVALID", `No plugin runs scripts by "${run.runner}", which ${run.name} needs`);
    });
  }
  return { tree, changes: await changesBetween(merged, tree, context.signal) };
}

async function changesBetween(before: FileTree, after: FileTree, signal: AbortSignal): Promise<TreeChanges> {
  if (before === after) return { changed: [], removed: [] };
  const { changed, removed } = await inTurns(compareTrees(before, after), signal);
  return { changed: changed.map((entry) => ({ ...entry, origin: "image" })), removed };
}
