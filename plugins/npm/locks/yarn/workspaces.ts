/** The workspaces of a Yarn project, and which of them are installed with what. */
import { join } from "node:path";
import type { Selection } from "../../model.ts";
import { lockError } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { yarnDisagreement } from "./agreement.ts";
import { REGENERATE, folderOf, isWorkspace, type YarnLock, type YarnPackage } from "./lock-file.ts";
import { placeOf } from "./reference.ts";

/** With their package.json, by folder. */
export type Installed = ReadonlyMap<string, Manifest>;

export interface WorkspaceReader {
  readonly file: string;
  readonly root: string;
  readonly lock: YarnLock;
  readonly manifestOf: (directory: string) => Promise<Manifest>;
  /** What a workspace depends on. */
  readonly usedBy: (locked: YarnPackage) => readonly YarnPackage[];
}

/** A project and what it uses of the others; of the whole, "", all. Throws `E_NPM_LOCK` where one's package.json is not what the lock is for. */
export async function installedWorkspaces(
  member: string,
  { file, root, lock, manifestOf, usedBy }: WorkspaceReader,
  selection: Selection,
): Promise<Installed> {
  const found = new Map<string, Manifest>();
  const needed = new Set(member === "" ? lock.workspaces.keys() : [member]);
  for (const folder of needed) {
    const locked = lock.workspaces.get(folder);
    if (locked === undefined) throw lockError(file, `it has no member "${folder}"`, REGENERATE);
    const manifest = await manifestOf(join(root, folder));
    const different = yarnDisagreement(manifest, locked);
    if (different !== undefined) throw lockError(file, different, REGENERATE, locked.locator);
    found.set(folder, manifest);
    for (const used of usedBy(installedPart(locked, manifest, selection)))
      if (isWorkspace(used)) needed.add(folderOf(used));
  }
  return found;
}

/** Of what `portal:` and `file:` name the lock says what package.json asks for, too. Throws `E_NPM_LOCK` where that is another one. */
export async function refuseOtherFolders(
  packages: readonly YarnPackage[],
  { file, root, manifestOf }: Pick<WorkspaceReader, "file" | "root" | "manifestOf">,
): Promise<void> {
  for (const locked of new Set(packages)) {
    const place = /^(?:portal|file):/.test(locked.reference) ? placeOf(locked.reference) : undefined;
    if (place === undefined || /\.(?:tgz|tar\.gz)$/.test(place)) continue;
    const different = yarnDisagreement({ ...(await manifestOf(join(root, place))), devDependencies: {} }, locked);
    if (different !== undefined) throw lockError(file, `of ${place}, ${different}`, REGENERATE, locked.locator);
  }
}

/** What of a workspace is installed. Of one that is not, nothing but its place is looked at. */
export function installedPart(locked: YarnPackage, manifest: Manifest | undefined, { omit }: Selection): YarnPackage {
  if (manifest === undefined) return { ...locked, dependencies: {}, peerDependencies: {}, peerDependenciesMeta: {} };
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const all = { ...dependencies, ...optionalDependencies, ...(omit.has("dev") ? {} : devDependencies) };
  return { ...locked, dependencies: all };
}
