/** Sources `node`, `deno` and `bun`. */
export { bun, deno, node, type RuntimeOptions } from "./options.ts";
export { runtimesPlugin } from "./plugin.ts";
