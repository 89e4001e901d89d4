/** The layering strategy `popularity`. */
export { popularityPlugin } from "./plugin.ts";
