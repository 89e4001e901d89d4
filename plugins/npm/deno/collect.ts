/** Collects one `deno-packages` source. */
import { join, resolve } from "node:path";
import { hostPath, treePath, type CollectContext, type Collected } from "../../../core/index.ts";
import { treesOf } from "../collect.ts";
import { nodesOf } from "../layout/nodes.ts";
import { withTargetsPrebuilds } from "../layout/prebuilds.ts";
import { readDenoLock } from "../locks/deno/deno-lock.ts";
import { textOf } from "../locks/index.ts";
import { targetSystem } from "../platform.ts";
import { readNpmSettings } from "../registry/settings.ts";
import type { DenoPackagesOptions } from "./source.ts";

/** Throws `E_NPM_LOCK`, `E_NPM_REGISTRY`, `E_NPM_PACKAGE`, `E_HASH_MISMATCH`, `E_NETWORK`. */
export async function collectDenoPackages(
  { dir, dest, imports, vendored }: DenoPackagesOptions,
  context: CollectContext,
): Promise<Collected> {
  const root = resolve(context.directory, dir);
  const file = denoLockIn(root);
  for (const name of [file, join(root, ".npmrc")]) context.reads.path(hostPath(name));
  const target = targetSystem(context.platform, "glibc");
  const plan = readDenoLock(
    { file, text: await textOf(file, "deno install writes it; commit it"), imports, vendored },
    target,
  );
  const trees = await treesOf(plan, { settings: await readNpmSettings(root), signal: context.signal }, context);
  const { mtime } = context.spec;
  const nodes = nodesOf(plan, withTargetsPrebuilds(trees, target), { dest: treePath(dest), mtime });
  return { nodes, roots: nodes.map(({ id }) => id) };
}

export function denoLockIn(root: string): string {
  return join(root, "deno.lock");
}
