/** Output `digest`: writes nothing; the config digest is printed. */
import type { Plugin } from "../../core/index.ts";

const NAME = "digest";

export const digestPlugin: Plugin = {
  name: NAME,
  outputs: [{ transport: NAME, usage: "digest", bundles: false, sparse: true }],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(NAME).tapPromise(NAME, async ([first]) => ({
        message: first === undefined ? "" : await first.image.configDigest(),
      }));
    });
  },
};
