/**
 * What stands for the tree of an `npm` source before it is made: the lock's plan, where sums of the lock say what each package
 * holds, and the files of those that lie in the project.
 */
import { canonicalJson, digestOf, tellFiles, treeDigest, type Json, type StageContext } from "../../core/index.ts";
import { folderTree } from "./folder.ts";
import { planned } from "./install-plan.ts";
import type { LockedPackage } from "./model.ts";
import { DEST, type NpmOptions } from "./options.ts";
import { strongKey } from "./registry/tarball.ts";

/** True on this machine. Undefined where a package is what a script makes of it, or what our own lock says. Throws what reading the project throws. */
export async function identityOfNpm(options: NpmOptions, context: StageContext): Promise<string | undefined> {
  const { dest = DEST, prebuilds = "all", allowScripts = [] } = options;
  if (allowScripts.length > 0) return undefined;
  const { plan, target } = await planned(options, context);
  const packages = [...plan.packages.values()];
  if (!packages.every(isFixed)) return undefined;
  const { places, layout } = plan;
  const folders = await Promise.all(packages.map((each) => folderDigest(each, context)));
  const parts = { packages, folders, places, layout, target, dest, prebuilds, mtime: context.spec.mtime };
  // The plan is plain data; interfaces are not seen as index signatures.
  return digestOf(canonicalJson(parts as unknown as Json));
}

async function folderDigest({ origin }: LockedPackage, context: StageContext): Promise<Json> {
  if (origin.kind !== "folder") return null;
  const tree = await folderTree(origin.directory, context);
  // Where nothing is collected, nobody else does.
  tellFiles(tree, context.reads);
  return treeDigest(tree);
}

function isFixed({ origin, patches = [] }: LockedPackage): boolean {
  if (patches.length > 0) return false;
  switch (origin.kind) {
    case "bundled":
    case "project":
    case "folder":
      return true;
    case "registry":
    case "web":
    case "git":
      return strongKey(origin) !== undefined;
    case "tarball":
      return false;
  }
}
