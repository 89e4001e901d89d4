/** Brings the layering strategy `stable`: what was planned last, from the lock, and what an update makes of it. */
import { STAGE, nodeKeys, planStable, platformText, rememberPlan, type Build, type Plugin } from "../../core/index.ts";
import { LOCK_KIND, memoryJson } from "./memory-json.ts";
import { recaller, type ImageRequest, type Recalled } from "./recall.ts";
import { tellUpdate } from "./tell-update.ts";

const name = "stable-layers";
const STRATEGY = "stable";

export const stableLayersPlugin: Plugin = {
  name,
  apply(builder) {
    const recall = recaller();
    builder.hooks.build.tap(name, (build) => {
      if (build.spec.layering === STRATEGY) tapBuild(build, recall);
    });
  },
};

function tapBuild({ hooks, target, platform, spec, bundle }: Build, recall: ReturnType<typeof recaller>): void {
  const request: ImageRequest = { target, platform: platformText(platform), ...(bundle && { image: spec.name }) };
  let recalled: Recalled | undefined;
  let keys: ReadonlyMap<string, string> | undefined;
  hooks.closure.tap({ name, stage: STAGE.report }, (graph, { lock }) => {
    // Where the closure is collected once more, the plan is still the one after that of the last build.
    recalled ??= recall(request, lock);
    keys = nodeKeys(graph);
    return graph;
  });
  hooks.plan.for(STRATEGY).tap(name, (graph, limits) => planStable(graph, limits, { ...recalled, keys }));
  hooks.planned.tap({ name, stage: STAGE.report }, (plan, context) => {
    if (keys === undefined) return plan;
    const update = rememberPlan(plan, context.closure, keys, recalled?.memory);
    context.lock.remember(LOCK_KIND, target, { ...request }, memoryJson(update.memory));
    tellUpdate(update, context);
    return plan;
  });
}
