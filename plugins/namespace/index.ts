/** The script runner `namespace`. */
export { namespacePlugin } from "./plugin.ts";
