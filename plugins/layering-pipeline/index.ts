/** The layering strategy `pipeline`, and its steps as functions. */
export { layering } from "./layering.ts";
export { layeringPipelinePlugin } from "./plugin.ts";
