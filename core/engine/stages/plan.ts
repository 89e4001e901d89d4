/** Stage plan: closure graph → which nodes share a layer. */
import { ImageDslError } from "../../error.ts";
import type { ClosureGraph } from "../../closure/closure.ts";
import type { LayerPlan } from "../../model/plan.ts";
import { checkPlan } from "../../plan/check-plan.ts";
import { planInStrata } from "../../plan/strata.ts";
import type { Build } from "../../pipeline/build.ts";
import type { StageContext } from "../../pipeline/hooks.ts";

/** `below`: layers of the base. */
export async function planLayers(
  build: Build,
  context: StageContext,
  graph: ClosureGraph,
  below: number,
): Promise<LayerPlan> {
  const { layering, layeringPipeline, maxLayers } = build.spec;
  // The top layer holds what belongs to no node.
  const all = maxLayers - 1 - below;
  const strategy = (part: ClosureGraph, layers: number): LayerPlan => {
    const limits = { layers, ...(layeringPipeline && { pipeline: layeringPipeline }) };
    return build.hooks.plan.for(layering).call(part, limits) ?? refuseLayering(build);
  };
  // A pipeline is obeyed as it is written.
  const proposed = layeringPipeline ? strategy(graph, all) : planInStrata(graph, all, strategy);
  const plan = await build.hooks.planned.promise(proposed, { ...context, closure: graph });
  checkPlan(graph, plan);
  context.emit({ type: "planned", target: build.target, plan });
  return plan;
}

function refuseLayering({ spec: { layering }, target }: Build): never {
  throw new ImageDslError("E_CONFIG_INVALID", `No plugin plans layers by "${layering}"`, {
    hint: 'Set layering to "auto", "stable" or "popularity", or add the plugin that brings it',
    place: { path: `images.${target}.layering` },
  });
}
