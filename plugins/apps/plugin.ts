/** Brings what the presets for apps give to `image()` beside other plugins' sources. */
import type { Plugin } from "../../core/index.ts";
import { appBuild, collectAppBuild, type AppBuildOptions } from "./build/source.ts";
import { collectAppFiles } from "./files/collect.ts";
import { appFiles, type AppFilesOptions } from "./files/source.ts";
import { collectTini, tini } from "./tini.ts";

const NAME = "apps";

export const appsPlugin: Plugin = {
  name: NAME,
  sources: [appFiles, appBuild, tini],
  requires: ["files", "debian", "npm", "step", "elf", "text"],
  apply(builder) {
    const told = new Set<string>();
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.collect
        .for(appFiles.kind)
        .tapPromise(NAME, ({ options }, context) => collectAppFiles(options as AppFilesOptions, { ...context, told }));
      hooks.collect
        .for(appBuild.kind)
        .tapPromise(NAME, ({ options }, context) => collectAppBuild(options as AppBuildOptions, context));
      hooks.collect.for(tini.kind).tapPromise(NAME, (_, context) => collectTini(context));
    });
  },
};
