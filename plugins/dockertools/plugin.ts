/** Brings dockerTools' image functions. */
import type { Plugin } from "../../core/index.ts";
import { SINGLE, buildImage, planSingle } from "./build-image.ts";
import { buildLayeredImage, streamLayeredImage } from "./layered-image.ts";
import { imageIndex } from "./image-index.ts";
import { pullImage } from "./pull-image.ts";
import { exportImage, mergeImages } from "./whole-images.ts";

const NAME = "dockertools";

export const dockertoolsPlugin: Plugin = {
  name: NAME,
  presets: [buildImage, buildLayeredImage, streamLayeredImage, pullImage, imageIndex, mergeImages, exportImage].map(
    ({ preset }) => preset,
  ),
  requires: ["image-archive", "registry-image"],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.plan.for(SINGLE).tap(NAME, planSingle);
    });
  },
};
