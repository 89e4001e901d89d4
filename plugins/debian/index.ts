/** Source `debian`. */
export { debian } from "./options.ts";
export type { DebianOptions } from "./options.ts";
export { debianPlugin } from "./plugin.ts";
