/** Brings sources of the kind `elf`. */
import type { Plugin } from "../../core/index.ts";
import { collectElf } from "./collect.ts";
import { elfSchema, type ElfOptions } from "./options.ts";

export const elfPlugin: Plugin = {
  name: "elf",
  sources: [{ kind: "elf", schema: elfSchema }],
  apply(builder) {
    builder.hooks.build.tap("elf", (build) => {
      build.hooks.collect.for("elf").tapPromise("elf", async (source, context) =>
        // The schema has checked them when the config was read.
        collectElf(source.options as ElfOptions, context),
      );
    });
  },
};
