/** Patches that a yarn.lock names (`patch:SOURCE#PATHS`): the project's own, and those that Yarn brings along. */
import { posix } from "node:path";
import type { PackagePatch } from "../../model.ts";
import { lockError } from "../lock-error.ts";
import { readPatchFile } from "../patch-file.ts";
import { REGENERATE, type YarnPackage } from "./lock-file.ts";
import { yarnPatchHash } from "./patch-hash.ts";
import { parseReference, patchPathsOf, placeOf, splitLocator } from "./reference.ts";

/** A package without its patches, as the lock names it. */
export interface Unpatched {
  readonly name: string;
  readonly reference: string;
}

/** Patches lie over patched packages, too. */
export function unpatched({ name, reference }: YarnPackage): Unpatched {
  let below: Unpatched = { name, reference };
  while (below.reference.startsWith("patch:")) below = sourceOf(below);
  return below;
}

/** What it says there of itself is shorter each time. */
function sourceOf({ name, reference }: Unpatched): Unpatched {
  const [source, below] = splitLocator(parseReference(reference)?.source ?? "");
  return { name: source === "" ? name : source, reference: below };
}

/** Of each package that has some, by locator, in the order in which they are applied. Throws `E_NPM_LOCK`. */
export async function readPatches(
  project: { readonly file: string; readonly root: string },
  packages: Iterable<YarnPackage>,
): Promise<ReadonlyMap<string, readonly PackagePatch[]>> {
  const patches = new Map<string, readonly PackagePatch[]>();
  for (const locked of packages) {
    if (locked.reference.startsWith("patch:") && !patches.has(locked.locator))
      patches.set(locked.locator, await patchesOf(project, locked));
  }
  return patches;
}

async function patchesOf(
  project: { readonly file: string; readonly root: string },
  locked: YarnPackage,
): Promise<readonly PackagePatch[]> {
  const found: (readonly PackagePatch[])[] = [];
  for (let below: Unpatched = locked; below.reference.startsWith("patch:"); below = sourceOf(below)) {
    const { reference } = below;
    const own = await Promise.all(patchPathsOf(reference).map((path) => readPatch(path, reference)));
    const patches = own.flat();
    refuseOtherText(patches, reference);
    found.push(patches);
  }
  // What is patched again was patched before.
  return found.reverse().flat();

  async function readPatch(path: string, reference: string): Promise<readonly PackagePatch[]> {
    if (path.startsWith("builtin<")) {
      const { builtinPatch } = await import("./builtin-patches.ts");
      const text = builtinPatch(path, locked.version);
      if (text === undefined) throw refused(path, "Yarn brings no such patch along");
      return text === "" ? [] : [{ text }];
    }
    const inside = insideProject(path, reference);
    if (inside === undefined) throw refused(path, "it is no file of the project");
    return [await readPatchFile(project, inside, locked.locator)];
  }

  /** Of Yarn's own ones the lock has what they were in the Yarn that wrote it; which they are here does not matter without Plug'n'Play. */
  function refuseOtherText(patches: readonly PackagePatch[], reference: string): void {
    const hash = parseReference(reference)?.params.get("hash");
    if (!hash || !patches.every(({ file }) => file !== undefined)) return;
    const found = yarnPatchHash(patches.map(({ text }) => text));
    if (found === undefined || found === hash) return;
    const files = patches.map(({ file }) => file).join(", ");
    const what = `${files} is not the patch that it was made with for ${locked.name}`;
    throw lockError(project.file, what, REGENERATE, locked.locator);
  }

  function refused(path: string, why: string) {
    const what = `its patch "${path.slice(0, 200)}" for ${locked.name} cannot be applied: ${why}`;
    return lockError(project.file, what, "Put it into the project: yarn patch-commit --save", locked.locator);
  }
}

/** Its path from the root: `~/` begins there, else it lies beside the folder that asks for it. */
function insideProject(path: string, reference: string): string | undefined {
  if (path.startsWith("~/")) return path.slice(2);
  const [, asking] = splitLocator(parseReference(reference)?.params.get("locator") ?? "");
  const folder = placeOf(asking);
  return path.startsWith("/") || folder === undefined ? undefined : posix.join(folder, path);
}
