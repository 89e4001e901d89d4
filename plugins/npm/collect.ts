/** Collects one `npm` source: lock, tarballs, and the tree that the project's manager would make of them. */
import {
  onceInBuild,
  treePath,
  type ClosureNode,
  type CollectContext,
  type Collected,
  type FileTree,
} from "../../core/index.ts";
import { refuseUnloadable } from "./layout/loadable-members.ts";
import { nodesOf } from "./layout/nodes.ts";
import { withTargetsPrebuilds } from "./layout/prebuilds.ts";
import { folderTree } from "./folder.ts";
import { planned, tellRead } from "./install-plan.ts";
import type { UnpackRules } from "./layout/package-tree.ts";
import { readPackage } from "./layout/read-package.ts";
import type { InstallPlan, LockedPackage, PackageId, TargetSystem } from "./model.ts";
import { DEST, OMIT, type NpmOptions } from "./options.ts";
import type { RegistryClient } from "./registry/client.ts";
import { eachPackage } from "./registry/each-package.ts";
import { strongKey } from "./registry/tarball.ts";
import { installScripts, tellUnbuilt } from "./scripts/install-scripts.ts";
import { withScripts } from "./scripts/run-scripts.ts";

/** Throws `E_NPM_PROJECT`, `E_NPM_LOCK`, `E_NPM_REGISTRY`, `E_NPM_GIT`, `E_NPM_PACKAGE`, `E_HASH_MISMATCH`, `E_NETWORK`. */
export async function collectNpm(options: NpmOptions, context: CollectContext): Promise<Collected> {
  const { dest = DEST, allowScripts = [], strict = false, omit = OMIT } = options;
  const { plan, trees, nodes, target } = await install(options, context);
  // With packages for development it may be there to build what is not yet.
  if (omit.includes("dev")) await refuseUnloadable(plan, trees);
  tellUnbuilt(plan, trees, { allowScripts, strict }, context);
  const scripts = installScripts(plan, trees, allowScripts);
  if (scripts.length === 0) return allOf(nodes);
  const installed = { kind: "npm-installed", options };
  return allOf(await withScripts(nodes, { scripts, installed, dest, target }, context));
}

/** The same without any script. */
export async function collectInstalled(options: NpmOptions, context: CollectContext): Promise<Collected> {
  const { nodes } = await install(options, context);
  return allOf(nodes);
}

interface Installed {
  readonly plan: InstallPlan;
  readonly trees: ReadonlyMap<PackageId, FileTree>;
  readonly nodes: readonly ClosureNode[];
  readonly target: TargetSystem;
}

async function install(options: NpmOptions, context: CollectContext): Promise<Installed> {
  const { dest = DEST, prebuilds = "all" } = options;
  const { plan, settings, target } = await planned(options, context);
  const whole = await treesOf(plan, { settings, signal: context.signal }, context);
  const trees = prebuilds === "all" ? whole : withTargetsPrebuilds(whole, target);
  return { plan, trees, target, nodes: nodesOf(plan, trees, { dest: treePath(dest), mtime: context.spec.mtime }) };
}

function allOf(nodes: readonly ClosureNode[]): Collected {
  return { nodes, roots: nodes.map(({ id }) => id) };
}

/** What came inside another's tarball has none, nor has the project. */
export async function treesOf(
  { packages: byId, layout }: InstallPlan,
  client: RegistryClient,
  context: CollectContext,
): Promise<ReadonlyMap<PackageId, FileTree>> {
  const made = await eachPackage(
    [...byId.values()],
    async (each) => [each.id, await treeOf(each, layout.kind, client, context)] as const,
    context,
  );
  return new Map(made.flatMap(([id, tree]) => (tree === undefined ? [] : [[id, tree] as const])));
}

/** What an app ships, what builds it and other images of the config are mostly the same packages. */
const treeOnce = onceInBuild<FileTree>();

async function treeOf(
  each: LockedPackage,
  rules: UnpackRules,
  client: RegistryClient,
  context: CollectContext,
): Promise<FileTree | undefined> {
  const { origin } = each;
  switch (origin.kind) {
    case "bundled":
    case "project":
      return undefined;
    case "folder":
      return patched(each, await folderTree(origin.directory, context), context);
    default: {
      const read = () => readPackage({ ...each, origin }, unpackRules(each, rules), client, context);
      const key = strongKey(origin);
      return patched(each, await (key === undefined ? read() : treeOnce(context, `${rules} ${key}`, read)), context);
    }
  }
}

/** npm's rules of what a tarball's names mean are for what was published. */
function unpackRules({ origin }: Pick<LockedPackage, "origin">, rules: UnpackRules): UnpackRules {
  return origin.kind === "git" && origin.packing === "whole" ? "yarn-classic" : rules;
}

async function patched(
  { name, version, patches = [] }: LockedPackage,
  tree: FileTree,
  context: CollectContext,
): Promise<FileTree> {
  if (patches.length === 0) return tree;
  tellRead(
    patches.flatMap(({ file }) => file ?? []),
    context,
  );
  const { patchedTree } = await import("./layout/patched.ts");
  return patches.reduce((before, patch) => patchedTree(before, patch, `${name}@${version}`), tree);
}
