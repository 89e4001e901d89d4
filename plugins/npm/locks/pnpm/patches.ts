/** `patchedDependencies` of a pnpm lock: whether they are still those that the project asks for, and which package has which. */
import { createHash } from "node:crypto";
import { join, posix } from "node:path";
import { isRecord, messageOf, readRegular } from "../../../../core/index.ts";
import type { PackagePatch } from "../../model.ts";
import { isInnerPath } from "../../names.ts";
import { leadsOut, lockError } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { patchHashOf } from "./dep-path.ts";
import { REGENERATE, type PnpmLock } from "./lock-file.ts";
import type { WorkspaceSettings } from "./settings.ts";

const MOST_BYTES = 64 * 1024 ** 2;
const SHA256 = /^[0-9a-f]{64}$/;

/** By the hash that dep paths have. `manifest`: the root's. Throws `E_NPM_LOCK` where a patch is not what the lock was made with. */
export async function readPatches(
  { file, root }: { readonly file: string; readonly root: string },
  { patchedDependencies }: PnpmLock,
  workspace: WorkspaceSettings,
  manifest: Manifest,
): Promise<ReadonlyMap<string, PackagePatch>> {
  const asked = askedPatches(workspace, manifest);
  const different = Object.keys({ ...asked, ...patchedDependencies }).find(
    (key) => asked[key] === undefined || posix.normalize(asked[key]) !== patchedDependencies[key]?.path,
  );
  if (different !== undefined)
    throw lockError(file, `its patch for ${different} is not the one that the project asks for`, REGENERATE);
  const patches = new Map<string, PackagePatch>();
  for (const [key, { hash, path }] of Object.entries(patchedDependencies)) {
    const where = `patchedDependencies["${key}"]`;
    if (!isInnerPath(path)) throw leadsOut(file, path, "place", where);
    if (!SHA256.test(hash))
      throw lockError(file, `${where} has a hash of an earlier pnpm`, "pnpm 10 writes it anew: pnpm install", where);
    const patch = join(root, path);
    const text = await readPatch(patch, file, where);
    if (createHash("sha256").update(text).digest("hex") !== hash)
      throw lockError(file, `${path} is not the patch that it was made with`, REGENERATE, where);
    patches.set(hash, { file: patch, text });
  }
  return patches;
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

function askedPatches(workspace: WorkspaceSettings, { pnpm }: Manifest): Readonly<Record<string, string>> {
  const said = workspace["patchedDependencies"] ?? (isRecord(pnpm) ? pnpm["patchedDependencies"] : undefined);
  return isRecord(said) ? Object.fromEntries(Object.entries(said).map(([key, path]) => [key, String(path)])) : {};
}

/** With the ends of lines that pnpm hashes. */
async function readPatch(patch: string, file: string, where: string): Promise<string> {
  try {
    return (await readRegular(patch, MOST_BYTES)).toString("utf8").replaceAll("\r\n", "\n");
  } catch (cause) {
    throw lockError(
      file,
      `its patch ${patch} cannot be read: ${messageOf(cause)}`,
      "pnpm patch-commit writes it",
      where,
    );
  }
}
