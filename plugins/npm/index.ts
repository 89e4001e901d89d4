/** Source `npm`. */
export { npm, type NpmOptions } from "./options.ts";
export { npmPlugin } from "./plugin.ts";
