/** What an `npm` source reads of the host besides its project: the lock, and the folders, tarballs and patches that the lock leads to. */
import { resolve } from "node:path";
import type { StageContext } from "../../core/index.ts";
import { readProject } from "./locks/index.ts";
import type { LockedPackage } from "./model.ts";
import type { NpmOptions } from "./options.ts";
import { targetSystem } from "./platform.ts";
import { publishedPackages } from "./registry/published.ts";

/** Throws what reading the project throws. */
export async function inputsOfNpm(
  { dir = ".", omit = ["dev"], libc = "glibc" }: NpmOptions,
  context: StageContext,
): Promise<readonly string[]> {
  const selection = { target: targetSystem(context.platform, libc), omit: new Set(omit) };
  const { lock, plan } = await readProject(resolve(context.directory, dir), selection, (settings, rules) =>
    publishedPackages({ settings, signal: context.signal }, rules, context),
  );
  return [lock.file, ...[...plan.packages.values()].flatMap(filesOf)];
}

function filesOf({ origin, patches = [] }: LockedPackage): readonly string[] {
  const own = origin.kind === "folder" ? [origin.directory] : origin.kind === "tarball" ? [origin.file] : [];
  return [...own, ...patches.flatMap(({ file }) => file ?? [])];
}
