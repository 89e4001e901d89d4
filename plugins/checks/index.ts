/** What is surely wrong with a finished image. */
export { checksPlugin } from "./plugin.ts";
