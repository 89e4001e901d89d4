/** dockerTools' image functions, in its names. */
export { buildLayeredImage, streamLayeredImage } from "./layered-image.ts";
export type { LayeredImageOptions } from "./options.ts";
export { dockertoolsPlugin } from "./plugin.ts";
