/** What an `npm` source reads of the host besides its project: the lock, and the folders, tarballs and patches that the lock leads to. */
import type { StageContext } from "../../core/index.ts";
import { planned } from "./install-plan.ts";
import type { LockedPackage } from "./model.ts";
import type { NpmOptions } from "./options.ts";

/** Throws what reading the project throws. */
export async function inputsOfNpm(options: NpmOptions, context: StageContext): Promise<readonly string[]> {
  const { plan } = await planned(options, context);
  return [plan.lockFile, ...[...plan.packages.values()].flatMap(filesOf)];
}

function filesOf({ origin, patches = [] }: LockedPackage): readonly string[] {
  const own = origin.kind === "folder" ? [origin.directory] : origin.kind === "tarball" ? [origin.file] : [];
  return [...own, ...patches.flatMap(({ file }) => file ?? [])];
}
