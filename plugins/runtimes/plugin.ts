/** Brings sources of the kinds `node`, `deno` and `bun`. */
import type { Plugin } from "../../core/index.ts";
import { bun, deno, node, type RuntimeOptions } from "./options.ts";
import type { RuntimeKind } from "./programs.ts";

export const runtimesPlugin: Plugin = {
  name: "runtimes",
  requires: ["npm", "debian"],
  sources: [node, deno, bun],
  apply(builder) {
    builder.hooks.build.tap("runtimes", ({ hooks }) => {
      const collected = new Set<RuntimeKind>();
      for (const { kind } of [node, deno, bun]) {
        hooks.collect.for(kind).tapPromise("runtimes", async ({ options }, context) => {
          const { collectRuntime } = await import("./collect.ts");
          collected.add(kind);
          return collectRuntime(kind, options as RuntimeOptions, context);
        });
        hooks.pin.for(kind).tapPromise("runtimes", async ({ options }, context) => {
          const { librariesOf, programOf } = await import("./collect.ts");
          const asked = options as RuntimeOptions;
          const sources = [programOf(kind, asked, context), librariesOf(kind, asked, context)];
          for (const source of sources) if (source) await hooks.pin.for(source.kind).promise(source, context);
        });
      }
      hooks.merge.tapPromise("runtimes", async (tree, { base, target }) => {
        if (base === undefined || collected.size === 0) return tree;
        const { refuseMusl } = await import("./collect.ts");
        refuseMusl(collected, base, target);
        return tree;
      });
    });
  },
};
