/** dockerTools' image functions, in its names. */
export { buildLayeredImage, streamLayeredImage } from "./layered-image.ts";
export type { LayeredImageOptions, StreamLayeredImageOptions } from "./options.ts";
export { dockertoolsPlugin } from "./plugin.ts";
