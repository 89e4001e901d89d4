/** From an image's spec to its plan: base, closure, merged tree, layers; and once more where scripts name what is not there. */
import type { BaseImage } from "../image/base-image.ts";
import type { Image } from "../image/image.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { Entry } from "../model/entry.ts";
import type { Stage } from "../model/event.ts";
import type { ImageSpec, RunSpec } from "../model/image-spec.ts";
import type { LayerPlan } from "../model/plan.ts";
import type { Source } from "../model/source.ts";
import { applyChanges } from "../tree/diff.ts";
import { sameBody } from "../tree/equal.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { giveTurn } from "../tree/turns.ts";
import type { Build } from "../pipeline/build.ts";
import type { BuildContext } from "../pipeline/context.ts";
import type { StageContext } from "../pipeline/hooks.ts";
import { findBase, lessBase } from "./stages/base.ts";
import { collectClosure, type Closure } from "./stages/collect.ts";
import { mergeClosure } from "./stages/merge.ts";
import { planLayers } from "./stages/plan.ts";
import type { ScriptResult } from "./stages/scripts.ts";

export interface ImagePlan {
  readonly base: BaseImage | undefined;
  /** What was collected beside the image's contents: its config or its scripts name it. */
  readonly further: readonly Source[];
  /** Less what the base brings. */
  readonly graph: ClosureGraph;
  /** The merged tree, before scripts. */
  readonly tree: FileTree;
  readonly plan: LayerPlan;
  /** What is to run over the tree. */
  readonly runs: readonly RunSpec[];
}

/** `imageOf` builds another image of the config; `collected` hears of the closure before it is merged. */
export async function planImage(
  build: Build,
  context: StageContext,
  imageOf: (spec: ImageSpec) => Promise<Image>,
  collected: (graph: ClosureGraph) => void,
): Promise<ImagePlan> {
  for (const warning of build.spec.warnings ?? []) context.emit({ type: "warning", ...warning });
  const base = await findBase(build, context, imageOf);
  const closure = await stage(context, "collect", async () => {
    const asked = await collectClosure(build, context);
    const named = await build.hooks.references.promise([], {
      ...context,
      closure: asked.graph,
      entries: [],
      before: undefined,
    });
    return { further: named, ...(named.length === 0 ? asked : await collectClosure(build, context, named)) };
  });
  collected(closure.graph);
  return planClosure(build, context, closure, { base, further: closure.further });
}

/** Scripts' output may name what the closure has not: then it is planned anew, and what they made comes on top. */
export async function withNamed(
  build: Build,
  context: StageContext,
  planned: ImagePlan,
  scripts: ScriptResult,
): Promise<{ readonly planned: ImagePlan; readonly scripts: ScriptResult }> {
  const { changes } = scripts;
  if (changes.changed.length === 0) return { planned, scripts };
  const entries = changes.changed.filter((entry) => isMade(entry, planned.tree));
  const found = { ...context, closure: planned.graph, entries, before: planned.tree };
  const named = await build.hooks.references.promise([], found);
  if (named.length === 0) return { planned, scripts };
  const { base } = planned;
  const further = [...planned.further, ...named];
  const closure = await stage(context, "collect", () => collectClosure(build, context, further));
  const larger = await planClosure(build, context, closure, { base, further });
  return { planned: larger, scripts: { changes, tree: applyChanges(larger.tree, changes) } };
}

/** A script that gives a file another owner has not written what is in it. */
function isMade(entry: Entry, before: FileTree): boolean {
  const was = before.get(entry.path);
  if (entry.type === "file") return was?.type !== "file" || was.content !== entry.content;
  return was === undefined || !sameBody(was, entry);
}

async function planClosure(
  build: Build,
  context: StageContext,
  closure: Closure,
  { base, further }: Pick<ImagePlan, "base" | "further">,
): Promise<ImagePlan> {
  const tree = await stage(context, "merge", () => mergeClosure(build, context, closure, base?.tree));
  const merged = { ...context, closure: closure.graph, ...(base !== undefined && { base: base.tree }) };
  const runs = await build.hooks.scripts.promise(build.spec.runs, merged);
  const graph = base === undefined ? closure.graph : lessBase(closure.graph, tree);
  const plan = await stage(context, "plan", () => planLayers(build, context, graph, base?.layers.length ?? 0));
  return { base, further, graph, tree, plan, runs };
}

export async function stage<Result>(context: StageContext, name: Stage, work: () => Promise<Result>): Promise<Result> {
  await giveTurn(context.signal);
  context.emit({ type: "stage", target: context.target, stage: name, state: "started" });
  const result = await work();
  context.emit({ type: "stage", target: context.target, stage: name, state: "done" });
  return result;
}

export function stageContext(build: Build, context: BuildContext): StageContext {
  return { ...context, target: build.target, spec: build.spec, platform: build.platform };
}
