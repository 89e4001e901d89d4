/** Source `archive`. */
import type { Plugin } from "../../core/index.ts";
import { collectArchive } from "./collect.ts";
import { archiveSource, type ArchiveOptions } from "./source.ts";

const NAME = "archive";

export const archivePlugin: Plugin = {
  name: NAME,
  sources: [archiveSource],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.collect
        .for("archive")
        .tapPromise(NAME, ({ options }, context) => collectArchive(options as ArchiveOptions, context));
    });
  },
};
