/** Source `archive`. */
export { archivePlugin } from "./plugin.ts";
export { archive } from "./source.ts";
export type { ArchiveOptions, ArchiveSettings } from "./source.ts";
