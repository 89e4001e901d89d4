/** The layering strategy `stable`. */
export { stableLayersPlugin } from "./plugin.ts";
