/** The script runner `fakechroot`. */
export { fakechroot } from "./plugin.ts";
