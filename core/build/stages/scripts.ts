/** Stages command and runAsRoot: the user's scripts over the merged tree. */
import { ImageDslError } from "../../error.ts";
import { moduleGraphDigest, type ModuleGraph, type ModuleGraphOptions } from "../../config/module-graph.ts";
import { diffTrees, type TreeChanges } from "../../tree/diff.ts";
import type { FileTree } from "../../tree/file-tree.ts";
import { mergeTrees } from "../../tree/merge.ts";
import { digestOf } from "../../model/digest.ts";
import { canonicalJson } from "../../model/json.ts";
import type { Build } from "../build.ts";
import { closureGraph } from "../../closure/closure-graph.ts";
import type { RunContext, StageContext } from "../hooks.ts";
import { collectSource, partsOf } from "./collect.ts";

export interface ScriptResult {
  readonly tree: FileTree;
  readonly changes: TreeChanges;
}

/** Where the code of functions comes from: what stands for it in their keys. */
export interface ScriptModules extends ModuleGraphOptions {
  /** The config, or the program that builds. Absolute. */
  readonly entry: string;
  /** What the config's `images` function was given. */
  readonly args: Readonly<Record<string, string>>;
}

export interface ScriptSettings {
  readonly keepFailed: boolean;
  readonly check: boolean;
  /** Unset: functions are not cached. */
  readonly modules: ScriptModules | undefined;
}

export async function runScripts(
  build: Build,
  context: StageContext,
  merged: FileTree,
  { keepFailed, check, modules }: ScriptSettings,
): Promise<ScriptResult> {
  const { runs } = build.spec;
  const moduleGraph = runs.some(({ script }) => typeof script === "function") ? await graphOf(modules) : undefined;
  const runContext: RunContext = {
    ...context,
    keepFailed,
    check,
    ...(moduleGraph && { moduleGraph }),
    async treeOf(source) {
      const { nodes, roots, image } = await collectSource(build, context, source);
      const parts = partsOf({ graph: closureGraph(nodes, roots), image: image ? [image] : [] });
      return mergeTrees(parts, { collisions: build.spec.collisions });
    },
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

/** Code and arguments together: the same function may be made with other ones. */
async function graphOf(modules: ScriptModules | undefined): Promise<ModuleGraph | undefined> {
  if (modules === undefined) return undefined;
  const graph = await moduleGraphDigest(modules.entry, modules);
  return "digest" in graph ? { digest: digestOf(canonicalJson({ code: graph.digest, args: modules.args })) } : graph;
}

function changesBetween(before: FileTree, after: FileTree): TreeChanges {
  if (before === after) return { changed: [], removed: [] };
  const { changed, removed } = diffTrees(before, after);
  return { changed: changed.map((entry) => ({ ...entry, origin: "image" })), removed };
}
