/** What of a commit's files is the package, as a tar: what npm would publish, what Yarn would, or all of it, as Yarn 1 and Bun take it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  FileTree,
  ImageDslError,
  displayShort,
  hostPath,
  isRecord,
  tarChunks,
  treeBelow,
  treePath,
  walk,
} from "../../../core/index.ts";
import { memberTree, publishedEntries } from "../layout/member-tree.ts";
import { readManifest, type Manifest } from "../locks/manifest.ts";
import type { GitOrigin } from "../model.ts";
import { asYarnPacks } from "./as-yarn-packs.ts";
import { gitError } from "./git-error.ts";
import { refuseOutside } from "./inside.ts";
import { refuseHostileRules } from "./publish-rules.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

const OTHERWISE = "Depend on a published version, or on a tarball of it";
const PACKAGE = treePath("package");

/** `name`: of the package, for messages. Throws `E_NPM_GIT`, `E_NPM_PACKAGE`, `E_NPM_PROJECT`. */
export async function packedFolder(
  name: string,
  root: string,
  { folder = "", packing, commit }: GitOrigin,
): Promise<Iterable<Uint8Array>> {
  const directory = join(root, folder);
  if (!existsSync(join(directory, "package.json"))) {
    const where = folder === "" ? "" : ` in ${folder}`;
    throw gitError(`${name}: there is no package.json${where} at ${commit}`, "Is that the repository of the package?");
  }
  refuseOutside(name, root, join(directory, "package.json"));
  const manifest = await readManifest(join(directory, "package.json"));
  const tree = await packedTree(name, { root, directory }, manifest, packing);
  refuseUnbuilt(name, manifest, tree);
  return tarChunks(treeBelow(tree, PACKAGE).entries());
}

async function packedTree(
  name: string,
  places: { readonly root: string; readonly directory: string },
  manifest: Manifest,
  packing: GitOrigin["packing"],
): Promise<FileTree> {
  const { root, directory } = places;
  const listed = () => walk(hostPath(directory), { modes: "git", keep: (path) => path !== ".git" });
  switch (packing) {
    case "published":
      await refuseHostileRules(name, directory, root, manifest, listed());
      return memberTree(directory, manifest);
    case "yarn-classic":
      refusePrepared(name, manifest);
      return packedTree(name, places, manifest, "whole");
    case "whole":
      return withoutLinks(name, FileTree.of(listed()));
    case "yarn": {
      await refuseHostileRules(name, directory, root, manifest, listed());
      const published = withoutLinks(name, FileTree.of(await publishedEntries(directory, manifest)));
      return asYarnPacks(name, directory, manifest, published);
    }
  }
}

/** Yarn 1 packs it then, in a way of its own. */
function refusePrepared(name: string, { scripts }: Manifest): void {
  if (!isRecord(scripts) || typeof scripts["prepare"] !== "string" || scripts["prepare"] === "") return;
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} comes from git and has a script "prepare", which does not run here`,
    {
      hint: OTHERWISE,
    },
  );
}

/** Some managers keep them, some put a copy in their place. */
function withoutLinks(name: string, tree: FileTree): FileTree {
  const link = tree.entries().find(({ type }) => type === "symlink");
  if (link === undefined) return tree;
  throw new ImageDslError("E_NPM_PACKAGE", `${name} has a link in its repository, "${displayShort(link.path)}"`, {
    hint: OTHERWISE,
  });
}
