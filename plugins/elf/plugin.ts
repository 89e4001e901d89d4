/** Brings sources of the kind `elf`. */
import { STAGE, type Plugin } from "../../core/index.ts";
import { collectElf } from "./collect.ts";
import type { LackingObject } from "./lacking.ts";
import { elfSchema, type ElfOptions } from "./options.ts";

export const elfPlugin: Plugin = {
  name: "elf",
  sources: [{ kind: "elf", schema: elfSchema }],
  apply(builder) {
    builder.hooks.build.tap("elf", (build) => {
      const lacking: LackingObject[] = [];
      build.hooks.collect.for("elf").tapPromise("elf", async (source, context) => {
        // The schema has checked them when the config was read.
        const { lacking: found, ...collected } = collectElf(source.options as ElfOptions, context);
        lacking.push(...found);
        return collected;
      });
      build.hooks.closure.tapPromise({ name: "elf", stage: STAGE.after }, async (graph, context) => {
        const { withLibraryNeeds } = await import("./library-needs.ts");
        return withLibraryNeeds(graph, lacking, context);
      });
      build.hooks.merge.tapPromise("elf", async (tree, { closure, platform }) => {
        if (lacking.length === 0) return tree;
        const { refuseLacking } = await import("./lacking.ts");
        refuseLacking(lacking, closure, tree, platform);
        return tree;
      });
      build.hooks.check.tapPromise("elf", async (findings, context) => {
        // What is built on it may bring what it lacks, and is looked over as a whole.
        if (context.isBase) return findings;
        const { loadingFindings } = await import("./check/findings.ts");
        const found = await loadingFindings(context);
        const isStrict = context.spec.contents.some(
          ({ kind, options }) => kind === "elf" && (options as ElfOptions).strict === true,
        );
        return [...findings, ...(isStrict ? found.map((finding) => ({ ...finding, isError: true }) as const) : found)];
      });
    });
  },
};
