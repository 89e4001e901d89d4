/** Brings sources of the kind `npm`. */
import type { Plugin } from "../../core/index.ts";
import { npm, type NpmOptions } from "./options.ts";

export const npmPlugin: Plugin = {
  name: "npm",
  sources: [npm],
  apply(builder) {
    builder.hooks.build.tap("npm", ({ hooks }) => {
      hooks.collect.for("npm").tapPromise("npm", async ({ options }, context) => {
        const { collectNpm } = await import("./collect.ts");
        return collectNpm(options as NpmOptions, context);
      });
    });
  },
};
