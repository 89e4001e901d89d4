/** Patches that a lock names (`patchedDependencies`): whether they are those that the project asks for, and what they say. */
import { join, posix } from "node:path";
import { messageOf, readRegular } from "../../../core/index.ts";
import type { PackagePatch } from "../model.ts";
import { isInnerPath } from "../names.ts";
import { leadsOut, lockError } from "./lock-error.ts";

type PathsByPackage = Readonly<Record<string, string>>;

/** Throws `E_NPM_LOCK` where they differ. */
export function refuseOtherPatches(file: string, asked: unknown, locked: PathsByPackage, regenerate: string): void {
  const wanted = new Map(Object.entries(asked ?? {}).map(([key, path]) => [key, posix.normalize(String(path))]));
  const different = [...wanted.keys(), ...Object.keys(locked)].find((key) => wanted.get(key) !== locked[key]);
  if (different === undefined) return;
  throw lockError(file, `its patch for ${different} is not the one that the project asks for`, regenerate);
}

/** `path`: from the project's root, as the lock has it at `where`. Throws `E_NPM_LOCK`. */
export async function readPatchFile(
  { file, root }: { readonly file: string; readonly root: string },
  path: string,
  where: string,
): Promise<PackagePatch> {
  if (!isInnerPath(path)) throw leadsOut(file, path, "place", where);
  const patch = join(root, path);
  try {
    return { file: patch, text: (await readRegular(patch, "npm.patch")).toString("utf8") };
  } catch (cause) {
    const hint = "Commit it beside the lock, or take the patch out";
    throw lockError(file, `its patch ${patch} cannot be read: ${messageOf(cause)}`, hint, where);
  }
}
