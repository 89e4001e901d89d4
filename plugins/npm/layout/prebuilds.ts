/**
 * Builds for several platforms that a tarball brings side by side, `prebuilds/linux-x64/`, as prebuildify lays them out and node-gyp-build
 * loads them: by system and processor, whatever else is there.
 */
import { isRecord, treePath, withoutPaths, type FileTree, type TreePath } from "../../../core/index.ts";
import type { PackageId, TargetSystem } from "../model.ts";
import { packageJsonIn } from "./package-json.ts";

const PREBUILDS = treePath("prebuilds");
/** `darwin-x64+arm64`: what node-gyp-build takes for a system and its processors. */
const TUPLE = /^prebuilds\/([a-z0-9]+)-([a-z0-9_]+(?:\+[a-z0-9_]+)*)\//;

/** Without those that are never loaded on the target. */
export function withTargetsPrebuilds(
  trees: ReadonlyMap<PackageId, FileTree>,
  target: TargetSystem,
): ReadonlyMap<PackageId, FileTree> {
  return new Map(Array.from(trees, ([id, tree]) => [id, withoutForeign(tree, target)]));
}

/** Who loads them otherwise keeps them, and so does who has none for the target. */
function withoutForeign(tree: FileTree, { os, cpu }: TargetSystem): FileTree {
  const foreign = new Set<TreePath>();
  let hasTargets = false;
  for (const { path } of tree.under(PREBUILDS)) {
    const [folder, system, processors = ""] = TUPLE.exec(path) ?? [];
    if (folder === undefined) continue;
    if (system === os && processors.split("+").includes(cpu)) hasTargets = true;
    else foreign.add(folder.slice(0, -1) as TreePath);
  }
  return hasTargets && foreign.size > 0 && usesNodeGypBuild(tree) ? withoutPaths(tree, foreign) : tree;
}

function usesNodeGypBuild(tree: FileTree): boolean {
  const { dependencies } = packageJsonIn(tree);
  return isRecord(dependencies) && Object.hasOwn(dependencies, "node-gyp-build");
}
