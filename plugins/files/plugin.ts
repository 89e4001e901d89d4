/** Sources `files`, `text` and `fetchFile`. */
import { STAGE, ownerByName, type Collected, type Owner, type Plugin } from "../../core/index.ts";
import { collectFetched, collectFiles, collectText } from "./collect.ts";
import { withNamedOwners } from "./named-owners.ts";
import { fileSources, type FetchFileOptions, type FilesOptions, type TextOptions } from "./sources.ts";

const NAME = "files";

export const filesPlugin: Plugin = {
  name: NAME,
  sources: fileSources,
  apply(builder) {
    const told = new Set<string>();
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      /** By node: the owner that is given by name. */
      const owners = new Map<string, string>();
      const noting = (collected: Collected, owner: Owner | undefined): Collected => {
        const name = ownerByName(owner);
        if (name !== undefined) for (const { id } of collected.nodes) owners.set(id, name);
        return collected;
      };
      // The config check has held the options against the schema.
      hooks.collect.for("files").tapPromise(NAME, async (source, context) => {
        const options = source.options as FilesOptions;
        return noting(await collectFiles(options, { ...context, told }), options.owner);
      });
      hooks.collect.for("text").tap(NAME, (source) => {
        const options = source.options as TextOptions;
        return noting(collectText(options), options.owner);
      });
      hooks.collect.for("fetchFile").tapPromise(NAME, async (source, context) => {
        const options = source.options as FetchFileOptions;
        return noting(await collectFetched(options, context), options.owner);
      });
      // Behind whoever makes users.
      hooks.merge.tap({ name: NAME, stage: STAGE.report }, (tree, context) =>
        owners.size === 0 ? tree : withNamedOwners(tree, owners, context),
      );
    });
  },
};
