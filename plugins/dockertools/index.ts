/** dockerTools' image functions, in its names. */
export { buildImage } from "./build-image.ts";
export type { BuildImageOptions } from "./build-image-options.ts";
export { buildLayeredImage, streamLayeredImage } from "./layered-image.ts";
export type { LayeredImageOptions, StreamLayeredImageOptions } from "./options.ts";
export { imageIndex } from "./image-index.ts";
export type { ImageIndexOptions } from "./image-index.ts";
export { pullImage } from "./pull-image.ts";
export type { PullImageOptions } from "./pull-image.ts";
export { exportImage, mergeImages } from "./whole-images.ts";
export type { ExportImageOptions, WholeImage } from "./whole-images.ts";
export { buildImageWithNixDb, buildLayeredImageWithNixDb } from "./with-nix-db.ts";
export { dockertoolsPlugin } from "./plugin.ts";
