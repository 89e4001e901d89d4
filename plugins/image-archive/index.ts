/** Images from elsewhere: archives and OCI layouts, as bases. */
export { imageArchivePlugin } from "./plugin.ts";
export { imageArchive } from "./source.ts";
export type { ImageArchiveOptions } from "./source.ts";
