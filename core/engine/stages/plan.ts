/** Stage plan: closure graph → which nodes share a layer. */
import { ImageDslError } from "../../error.ts";
import type { ClosureGraph } from "../../closure/closure.ts";
import type { LayerPlan } from "../../model/plan.ts";
import { checkPlan } from "../../plan/check-plan.ts";
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
  const proposed = build.hooks.plan.for(layering).call(graph, {
    layers: maxLayers - 1 - below,
    ...(layeringPipeline && { pipeline: layeringPipeline }),
  });
  if (proposed === undefined) {
    throw new ImageDslError("E_CONFIG_INVALID", `No plugin plans layers by "${layering}"`, {
      hint: 'Set layering to "auto" or "popularity", or add the plugin that brings it',
      place: { path: `images.${build.target}.layering` },
    });
  }
  const plan = await build.hooks.planned.promise(proposed, context);
  checkPlan(graph, plan);
  context.emit({ type: "planned", target: build.target, plan });
  return plan;
}
