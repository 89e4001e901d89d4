/** The image function `image`. */
export { image } from "./image.ts";
export type { HealthcheckOptions, ImageOptions, LayersOptions, UserOptions } from "./options.ts";
export { imagePlugin } from "./plugin.ts";
