/** Collects one `npm` source: lock, tarballs, and the tree that the project's manager would make of them. */
import { join, resolve } from "node:path";
import { treePath, type CollectContext, type Collected, type FileTree } from "../../core/index.ts";
import { memberTree } from "./layout/member-tree.ts";
import { nodeId, nodesOf } from "./layout/nodes.ts";
import { packageTree } from "./layout/package-tree.ts";
import { readManifest } from "./locks/manifest.ts";
import { readProject } from "./locks/index.ts";
import type { LockedPackage, PackageId } from "./model.ts";
import type { NpmOptions } from "./options.ts";
import { targetSystem } from "./platform.ts";
import type { RegistryClient } from "./registry/client.ts";
import { readNpmSettings } from "./registry/settings.ts";
import { storedTarball, type TarballPackage } from "./registry/tarball.ts";

/** Throws `E_NPM_PROJECT`, `E_NPM_LOCK`, `E_NPM_REGISTRY`, `E_NPM_PACKAGE`, `E_HASH_MISMATCH`, `E_NETWORK`. */
export async function collectNpm(options: NpmOptions, context: CollectContext): Promise<Collected> {
  const { dir = ".", omit = ["dev"], libc = "glibc" } = options;
  const target = targetSystem(context.platform, libc);
  const { lock, plan } = await readProject(resolve(context.directory, dir), { target, omit: new Set(omit) });
  const client = { settings: await readNpmSettings(lock.root), signal: context.signal };
  const trees = await treesOf([...plan.packages.values()], client, context);
  const dest = treePath(options.dest ?? "/app");
  const nodes = nodesOf(plan, trees, { dest, mtime: context.spec.mtime });
  return { nodes, roots: [...plan.packages.keys()].map((id) => nodeId(id, dest)) };
}

/** What came inside another's tarball has none. */
async function treesOf(
  packages: readonly LockedPackage[],
  client: RegistryClient,
  context: CollectContext,
): Promise<ReadonlyMap<PackageId, FileTree>> {
  let done = 0;
  const made = await context.tasks.map("net", packages, async (each) => {
    const tree = await treeOf(each, client, context);
    context.emit({
      type: "progress",
      task: "Reading npm packages",
      done: ++done,
      total: packages.length,
      unit: "items",
    });
    return [each.id, tree] as const;
  });
  return new Map(made.flatMap(([id, tree]) => (tree === undefined ? [] : [[id, tree] as const])));
}

async function treeOf(
  each: LockedPackage,
  client: RegistryClient,
  context: CollectContext,
): Promise<FileTree | undefined> {
  const { origin } = each;
  switch (origin.kind) {
    case "bundled":
      return undefined;
    case "folder":
      return memberTree(origin.directory, await readManifest(join(origin.directory, "package.json")));
    default: {
      const stored = await storedTarball({ ...each, origin } satisfies TarballPackage, client, context);
      return packageTree(stored, `${each.name}@${each.version}`, context);
    }
  }
}
