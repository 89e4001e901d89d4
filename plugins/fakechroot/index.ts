/** The script runner `fakechroot`. */
export { fakechrootPlugin } from "./plugin.ts";
