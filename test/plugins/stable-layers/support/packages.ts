/** A source of packages that tests update one by one. */
import * as v from "valibot";
import { FileTree, defineSource, inlineFile, treePath, type Plugin } from "../../../../core/index.ts";

/** Packages by name and version, each of one file of so many bytes. */
export type Packages = Readonly<Record<string, readonly [version: number, size: number]>>;

export const packages = defineSource<"packages", { readonly are: Packages }>("packages", v.looseObject({}));

export const packagesPlugin: Plugin = {
  name: "packages",
  sources: [packages],
  apply(builder) {
    builder.hooks.build.tap("packages", ({ hooks }) => {
      hooks.collect.for("packages").tap("packages", ({ options }) => {
        const nodes = Object.entries((options as { readonly are: Packages }).are).map(([name, [version, size]]) => {
          const tree = FileTree.of([inlineFile(treePath(`/${name}`), Buffer.alloc(size, version))]);
          const id = `packages:${name}=${version}`;
          return {
            id,
            kind: "packages",
            name,
            version: `${version}`,
            tree,
            size,
            needs: [],
            volatility: "pinned" as const,
          };
        });
        return { nodes, roots: nodes.map(({ id }) => id) };
      });
    });
  },
};

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
export const versions = (updated: Readonly<Record<string, number>> = {}): Packages =>
  Object.fromEntries(NAMES.map((name, index) => [name, [updated[name] ?? 1, 1000 * (index + 1)] as const]));
