/** The script runner `host`. */
export { hostScript } from "./plugin.ts";
