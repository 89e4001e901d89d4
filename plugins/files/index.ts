/** Sources `files` and `text`. */
export { filesPlugin } from "./plugin.ts";
export { files, text } from "./sources.ts";
export type { FilesOptions, FilesSettings, TextOptions, TextSettings } from "./sources.ts";
