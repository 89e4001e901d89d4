/** Plans in the form in which tests compare them, and as a build asks for them. */
import { Build } from "../../core/pipeline/build.ts";
import { createBuilder } from "../../core/pipeline/builder.ts";
import type { PlanLimits } from "../../core/model/plan.ts";
import type { Plugin } from "../../core/pipeline/plugin.ts";
import type { ClosureGraph } from "../../core/closure/closure.ts";
import type { ImageSpec } from "../../core/model/image-spec.ts";
import type { LayerPlan } from "../../core/model/plan.ts";
import { parsePlatform } from "../../core/model/platform.ts";

export function nodesOf(plan: LayerPlan): string[][] {
  return plan.groups.map(({ nodes }) => [...nodes]);
}

/** The references list a group's nodes in their own order. */
export function sorted(ids: readonly string[]): string[] {
  return [...ids].sort();
}

/** What a build that has this plugin alone gets for the strategy. */
export function planWith(
  plugin: Plugin,
  strategy: string,
  graph: ClosureGraph,
  limits: PlanLimits,
): LayerPlan | undefined {
  const build = new Build("image", SPEC, parsePlatform("linux/amd64"));
  createBuilder([plugin]).hooks.build.call(build);
  return build.hooks.plan.for(strategy).call(graph, limits);
}

const SPEC: ImageSpec = {
  kind: "image",
  name: "image",
  tag: null,
  contents: [],
  config: {},
  created: 1,
  mtime: 1,
  maxLayers: 100,
  layering: "auto",
  collisions: "error",
  runs: [],
};
