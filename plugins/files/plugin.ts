/** Sources `files` and `text`. */
import type { Plugin } from "../../core/index.ts";
import { collectFiles, collectText } from "./collect.ts";
import { fileSources, type FilesOptions, type TextOptions } from "./sources.ts";

const NAME = "files";

export const filesPlugin: Plugin = {
  name: NAME,
  sources: fileSources,
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      // The config check has held the options against the schema.
      hooks.collect
        .for("files")
        .tapPromise(NAME, ({ options }, context) => collectFiles(options as FilesOptions, context));
      hooks.collect.for("text").tap(NAME, ({ options }) => collectText(options as TextOptions));
    });
  },
};
