/** Sources `files`, `text` and `fetchFile`. */
export { filesPlugin } from "./plugin.ts";
export { fetchFile, files, text } from "./sources.ts";
export type { FetchFileOptions, FilesOptions, FilesSettings, TextOptions, TextSettings } from "./sources.ts";
