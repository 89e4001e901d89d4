/** The dynamic loader's cache. */
export { ldconfigPlugin } from "./plugin.ts";
