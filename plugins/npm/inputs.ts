/** What an `npm` source reads of the host besides its project: the lock, and the folders, tarballs and patches that the lock leads to. */
import type { StageContext } from "../../core/index.ts";
import { planned } from "./install-plan.ts";
import { filesOf } from "./locks/project-files.ts";
import type { NpmOptions } from "./options.ts";

/** Throws what reading the project throws. */
export async function inputsOfNpm(options: NpmOptions, context: StageContext): Promise<readonly string[]> {
  const { plan } = await planned(options, context);
  return [plan.lockFile, ...[...plan.packages.values()].flatMap(filesOf)];
}
