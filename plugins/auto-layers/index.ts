/** The layering strategy `auto`. */
export { autoLayersPlugin } from "./plugin.ts";
