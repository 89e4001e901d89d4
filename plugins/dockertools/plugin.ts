/** Brings dockerTools' image functions. */
import type { Plugin } from "../../core/index.ts";
import { buildLayeredImage, streamLayeredImage } from "./layered-image.ts";

export const dockertoolsPlugin: Plugin = {
  name: "dockertools",
  presets: [buildLayeredImage.preset, streamLayeredImage.preset],
  apply() {},
};
