/** Brings the image function `image`, and who runs its scripts. */
import type { Plugin } from "../../core/index.ts";
import { BEST, runByBest } from "./best-executor.ts";
import { image } from "./image.ts";

const NAME = "image";

export const imagePlugin: Plugin = {
  name: NAME,
  presets: [image.preset],
  requires: ["image-archive", "registry-image", "account", "workdir"],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.run.for(BEST).tapPromise(NAME, (run, tree, context) => runByBest(hooks, run, tree, context));
    });
  },
};
