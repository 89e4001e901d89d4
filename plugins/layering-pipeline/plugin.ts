/** Brings the layering strategy `pipeline`: by the steps of the option `layeringPipeline`. */
import { planByPipeline, STAGE, type ImageSpec, type LayeringPipeline, type Plugin } from "../../core/index.ts";
import { readPipelineFiles } from "./pipeline-files.ts";

const name = "layering-pipeline";

export const layeringPipelinePlugin: Plugin = {
  name,
  apply(builder) {
    const ofFiles = new WeakMap<ImageSpec, LayeringPipeline>();
    // Behind the taps that replace images: what is found for an image is found by the image itself.
    builder.hooks.graph.tapPromise({ name, stage: STAGE.after }, async (graph) => {
      for (const [spec, steps] of await readPipelineFiles(graph)) ofFiles.set(spec, steps);
      return graph;
    });
    builder.hooks.build.tap(name, ({ hooks, spec }) => {
      hooks.plan.for("pipeline").tap(name, (graph, limits) => {
        const pipeline = ofFiles.get(spec) ?? limits.pipeline;
        return planByPipeline(graph, { ...limits, ...(pipeline && { pipeline }) });
      });
    });
  },
};
