/** Source `archive`. */
export { tarballPlugin } from "./plugin.ts";
export { archive } from "./source.ts";
export type { ArchiveOptions, ArchiveSettings } from "./source.ts";
