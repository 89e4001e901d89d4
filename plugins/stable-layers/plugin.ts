/** Brings the layering strategy `stable`: what was planned last, from the lock, or the layers of an image that the config names. */
import {
  STAGE,
  nodeKeys,
  planStable,
  platformText,
  rememberPlan,
  type BaseImage,
  type Build,
  type Json,
  type PlanMemory,
  type Plugin,
  type Source,
} from "../../core/index.ts";
import { LOCK_KIND, memoryJson, memorySchema } from "./memory-json.ts";
import { shownName } from "./named-image.ts";
import { recaller, type ImageRequest, type Recalled } from "./recall.ts";
import { tellUpdate } from "./tell-update.ts";

const name = "stable-layers";
const STRATEGY = "stable";

type Recall = ReturnType<typeof recaller>;

export const stableLayersPlugin: Plugin = {
  name,
  apply(builder) {
    const recall = recaller();
    builder.hooks.build.tap(name, (build) => {
      const { layering, layersFrom } = build.spec;
      if (layering !== STRATEGY) return;
      if (layersFrom === undefined) planAsLast(build, recall);
      else planAsImage(build, layersFrom);
    });
  },
};

/** By the image's own last plan, which the lock remembers. */
function planAsLast(build: Build, recall: Recall): void {
  const { hooks, target } = build;
  const request = requestOf(build);
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

/**
 * By the layers of an image from elsewhere, of which the lock holds those that were whole when they were pinned. What the config's other
 * images share does not count: nothing remembers which of it was taken.
 */
function planAsImage(build: Build, named: Source): void {
  const { hooks, target } = build;
  const request = { ...requestOf(build), from: { kind: named.kind, options: named.options as Json } };
  let image: Pick<BaseImage, "layers"> | undefined;
  let memory: PlanMemory | undefined;
  let keys: ReadonlyMap<string, string> | undefined;
  hooks.merge.tapPromise({ name, stage: STAGE.report }, async (tree, context) => {
    keys = nodeKeys(context.closure);
    memory ??= context.lock.read(LOCK_KIND, target, request, memorySchema, [shownName(named)]);
    if (memory !== undefined && image === undefined) return tree;
    const { layersOfImage, readNamed } = await import("./layers-of-image.ts");
    image ??= await readNamed(named, context, hooks);
    // Once more where scripts named what the closure had not.
    memory = await layersOfImage(named, image, tree, context);
    context.lock.write(LOCK_KIND, target, request, memoryJson(memory));
    return tree;
  });
  hooks.plan.for(STRATEGY).tap(name, (graph, limits) => planStable(graph, limits, { memory, keys }));
}

function requestOf({ target, platform, spec, bundle }: Build): ImageRequest {
  return { target, platform: platformText(platform), ...(bundle && { image: spec.name }) };
}
