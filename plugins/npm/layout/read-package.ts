/** A package's tree: out of its tarball, or, where layers alone will need that, as another machine has found it. */
import { archiveIsHere, type BuildContext, type FileTree } from "../../../core/index.ts";
import type { RegistryClient } from "../registry/client.ts";
import { missingTarball, storedTarball, type TarballPackage } from "../registry/tarball.ts";
import { deferredTree, packageTree, type UnpackRules } from "./package-tree.ts";

/** Throws what `storedTarball` and `packageTree` throw. */
export async function readPackage(
  each: TarballPackage,
  rules: UnpackRules,
  client: RegistryClient,
  context: Pick<BuildContext, "store" | "shared" | "deferral" | "tasks" | "lock" | "signal">,
): Promise<FileTree> {
  const fetch = () => storedTarball(each, client, context);
  const missing = context.deferral !== undefined ? await missingTarball(each, context) : undefined;
  const found = missing && (await deferredTree(missing, rules, fetch, context));
  if (found !== undefined) return found;
  const stored = await fetch();
  archiveIsHere(stored.file);
  return packageTree(stored, `${each.name}@${each.version}`, rules, context);
}
