/** `patchedDependencies` of a pnpm lock: which package has which. */
import { createHash } from "node:crypto";
import { isRecord } from "../../../../core/index.ts";
import type { PackagePatch } from "../../model.ts";
import { lockError } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { readPatchFile, refuseOtherPatches } from "../patch-file.ts";
import { patchHashOf } from "./dep-path.ts";
import { REGENERATE, type PnpmLock } from "./lock-file.ts";
import type { WorkspaceSettings } from "./settings.ts";

const SHA256 = /^[0-9a-f]{64}$/;

/** By the hash that dep paths have. `manifest`: the root's. Throws `E_NPM_LOCK` where a patch is not what the lock was made with. */
export async function readPatches(
  project: { readonly file: string; readonly root: string },
  { patchedDependencies }: PnpmLock,
  workspace: WorkspaceSettings,
  { pnpm }: Manifest,
): Promise<ReadonlyMap<string, PackagePatch>> {
  const { file } = project;
  const asked = workspace["patchedDependencies"] ?? (isRecord(pnpm) ? pnpm["patchedDependencies"] : undefined);
  const locked = Object.entries(patchedDependencies);
  refuseOtherPatches(file, asked, Object.fromEntries(locked.map(([key, { path }]) => [key, path])), REGENERATE);
  const patches = new Map<string, PackagePatch>();
  for (const [key, { hash, path }] of locked) {
    const where = `patchedDependencies["${key}"]`;
    if (!SHA256.test(hash))
      throw lockError(file, `${where} has a hash of an earlier pnpm`, "pnpm 10 writes it anew: pnpm install", where);
    const patch = await readPatchFile(project, path, where);
    if (hashOf(patch) !== hash)
      throw lockError(file, `${path} is not the patch that it was made with`, REGENERATE, where);
    patches.set(hash, patch);
  }
  return patches;
}

/** Whatever ends lines have where it was checked out. */
function hashOf({ text }: PackagePatch): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/** Of one package; the lock's own list has every patch that its names have. */
export function patchFor(
  depPath: string,
  patches: ReadonlyMap<string, PackagePatch>,
  file: string,
): PackagePatch | undefined {
  const hash = patchHashOf(depPath);
  if (hash === undefined) return undefined;
  const patch = patches.get(hash);
  if (patch === undefined) throw lockError(file, `it has no patch of the hash that ${depPath} names`, REGENERATE);
  return patch;
}
