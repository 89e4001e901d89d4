/** Source `step`. */
export { stepPlugin } from "./plugin.ts";
export { step } from "./source.ts";
export type { StepContext, StepOptions } from "./source.ts";
