/** The dynamic loader's cache. */
export { ldconfig } from "./plugin.ts";
