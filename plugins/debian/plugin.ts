/** Source `debian`: packages as closure nodes, then their installation on paper over the merged tree. */
import type { Plugin } from "../../core/index.ts";
import { collectDebian, type CollectedPackage } from "./collect.ts";
import { checkApt } from "./doctor.ts";
import { installPackages } from "./install.ts";
import { debian, type DebianOptions } from "./options.ts";

const NAME = "debian";

export const debianPlugin: Plugin = {
  name: NAME,
  sources: [debian],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      /** Of this build, by architecture: two sources of one architecture are installed together. */
      const collected = new Map<string, Map<string, CollectedPackage>>();

      hooks.collect.for(NAME).tapPromise(NAME, async ({ options }, context) => {
        const { packages, architecture, ...rest } = await collectDebian(options as DebianOptions, context);
        const known = collected.get(architecture) ?? new Map<string, CollectedPackage>();
        collected.set(architecture, known);
        for (const [id, each] of packages) known.set(id, each);
        return rest;
      });

      hooks.merge.tap(NAME, (tree, context) => {
        let installed = tree;
        for (const [architecture, packages] of collected) {
          const present = new Map([...packages].filter(([id]) => context.closure.nodes.has(id)));
          if (present.size > 0) installed = installPackages(installed, present, architecture, context);
        }
        return installed;
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => report.add(await checkApt()));
  },
};
