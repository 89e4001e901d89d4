/** The script runner `host`. */
export { hostScriptPlugin } from "./plugin.ts";
