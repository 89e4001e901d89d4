/** Brings base images out of archives and OCI layouts. */
import type { Plugin } from "../../core/index.ts";
import { imageArchive, type ImageArchiveOptions } from "./source.ts";

const NAME = "image-archive";

export const imageArchivePlugin: Plugin = {
  name: NAME,
  sources: [imageArchive],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.base.for(imageArchive.kind).tapPromise(NAME, async ({ options }, context) => {
        const { readImage } = await import("./read-image.ts");
        return readImage(options as ImageArchiveOptions, context);
      });
    });
  },
};
