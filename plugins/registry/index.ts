/** Output `docker`: registries. */
export { registryPlugin } from "./plugin.ts";
