/** Source `archive`. */
export { archivePlugin } from "./plugin.ts";
export { archive } from "./source.ts";
export type { ArchiveOptions, ArchiveSettings, WebArchiveSettings } from "./source.ts";
