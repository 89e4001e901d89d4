/** The script runner `vm`. */
export { vmPlugin } from "./plugin.ts";
