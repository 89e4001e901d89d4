/** Output `digest`. */
export { digestPlugin } from "./plugin.ts";
