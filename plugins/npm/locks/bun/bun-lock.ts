/**
 * `bun.lock` (bun.sh: Lockfile), as Bun 1.2 and later write it, for its hoisted layout: the keys of `packages` say which package's
 * `node_modules` each stands in, `a/b` that `b` stands below `a`; the project's own folders are in `workspaces`.
 */
import { join, posix } from "node:path";
import * as v from "valibot";
import { jsonOfJsonc, messageOf, readRegular, repeatedKey, systemCodeOf } from "../../../../core/index.ts";
import type { InstallPlan, PackagePatch, Selection } from "../../model.ts";
import { isInnerPath, isPackageName } from "../../names.ts";
import type { LockText } from "../find-lock.ts";
import { leadsOut, lockError, refuseTooMany } from "../lock-error.ts";
import { readManifest, type Manifest } from "../manifest.ts";
import { readPatchFile, refuseOtherPatches } from "../patch-file.ts";
import { planOfTree, type PlacedEntry } from "../placed-tree.ts";
import { lockSchema, resolutionOf, type BunLock, type BunPackage } from "./lock-file.ts";

export interface BunLockText extends LockText {
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
}

const REGENERATE = "bun install --lockfile-only writes it anew";
/** Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`. */
export async function readBunLock(given: BunLockText, selection: Selection): Promise<InstallPlan> {
  const { file, root, member, text, manifest, signal } = given;
  const lock = parse(file, text);
  await refuseUnread(file, root, lock);
  const keys = new Map<string, string>();
  const patches = await readPatches(file, root, lock);
  const entries = entriesOf(file, lock, keys, patches);
  const isMember = (path: string): boolean => path !== "" && Object.hasOwn(lock.workspaces, path);
  const whereOf = (path: string): string => `packages["${keys.get(path) ?? path}"]`;
  const tree = { file, root, entries, isMember, whereOf, regenerate: REGENERATE, signal };
  return planOfTree(tree, member, manifest, selection);
}

function parse(file: string, text: string): BunLock {
  const json = jsonOfJsonc(text);
  let lock: unknown;
  try {
    lock = JSON.parse(json);
  } catch (cause) {
    throw lockError(file, `it is no JSON (${(cause as Error).message.slice(0, 100)})`, REGENERATE);
  }
  const twice = repeatedKey(json);
  if (twice !== undefined) throw lockError(file, `it has "${twice}" twice`, REGENERATE);
  const { lockfileVersion } = (lock ?? {}) as { lockfileVersion?: unknown };
  if (lockfileVersion !== 1 && lockfileVersion !== 2) {
    const found =
      typeof lockfileVersion === "number" ? `its version is ${lockfileVersion}` : "it says no lockfileVersion";
    throw lockError(file, `${found}, and versions 1 and 2 are read`, REGENERATE);
  }
  const { success, output, issues } = v.safeParse(lockSchema, lock, { abortEarly: true });
  if (!success) throw lockError(file, `${v.getDotPath(issues[0]) ?? "it"}: ${issues[0].message}`, REGENERATE);
  refuseTooMany(file, output.packages, REGENERATE);
  return output;
}

const LINKER = /^[ \t]*linker[ \t]*=[ \t]*["'](\w+)["']/m;

/** What would be laid out otherwise. */
async function refuseUnread(file: string, root: string, lock: BunLock): Promise<void> {
  const bunfig = await textOf(join(root, "bunfig.toml"));
  const [, said] = LINKER.exec(bunfig) ?? [];
  // New workspaces are isolated where nothing else is said (bun.sh: Isolated installs).
  const isIsolated = Object.keys(lock.workspaces).length > 1 && (lock.configVersion ?? 0) >= 1;
  const linker = said ?? (isIsolated ? "isolated" : "hoisted");
  if (linker === "hoisted") return;
  throw lockError(
    file,
    `its packages are laid out by the linker "${linker}"${said === undefined ? ", Bun's default for workspaces" : ""}, and only "hoisted" is read`,
    'Write linker = "hoisted" below [install] in bunfig.toml',
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return "";
    throw lockError(file, messageOf(cause), "Mend it, or remove it");
  }
}

/** By `name@version`. */
async function readPatches(
  file: string,
  root: string,
  { patchedDependencies }: BunLock,
): Promise<ReadonlyMap<string, PackagePatch>> {
  const asked = (await readManifest(join(root, "package.json")))["patchedDependencies"];
  refuseOtherPatches(file, asked, patchedDependencies, REGENERATE);
  const read = Object.entries(patchedDependencies).map(
    async ([key, path]) => [key, await readPatchFile({ file, root }, path, `patchedDependencies["${key}"]`)] as const,
  );
  return new Map(await Promise.all(read));
}

/** `keys`: gets the lock's own key of each place. */
function entriesOf(
  file: string,
  { workspaces, packages }: BunLock,
  keys: Map<string, string>,
  patches: ReadonlyMap<string, PackagePatch>,
): ReadonlyMap<string, PlacedEntry> {
  const entries = new Map<string, PlacedEntry>();
  const folders = new Map<string, string>();
  for (const [path, workspace] of Object.entries(workspaces)) {
    if (path !== "" && !isInnerPath(path)) throw leadsOut(file, path, "place", `workspaces["${path}"]`);
    entries.set(path, workspace);
    if (path !== "" && workspace.name !== undefined) folders.set(workspace.name, path);
  }
  for (const [key, written] of Object.entries(packages)) {
    const path = placeOf(file, key, folders);
    keys.set(path, key);
    const entry = entryOf(file, key, written);
    entries.set(path, { ...entry, patch: patches.get(`${entry.name}@${entry.version}`) });
  }
  refuseHalfBundled(file, entries, (path) => `packages["${keys.get(path)}"]`);
  for (const [path, { link, resolved }] of entries) {
    if (link === true && !entries.has(String(resolved)))
      throw leadsOut(file, String(resolved), "place", `packages["${keys.get(path)}"]`);
  }
  return entries;
}

/** Of what a tarball brings along Bun lists what its packages need as if it were the registry's, and writes one over the other. */
function refuseHalfBundled(
  file: string,
  entries: ReadonlyMap<string, PlacedEntry>,
  whereOf: (path: string) => string,
): void {
  const bundling = new Set([...entries].flatMap(([path, { inBundle }]) => (inBundle ? [bringerOf(path)] : [])));
  for (const [path, { inBundle }] of entries) {
    if (inBundle) continue;
    for (let above = bringerOf(path); above !== ""; above = bringerOf(above)) {
      if (!bundling.has(above)) continue;
      const what = `${above} brings packages in its own tarball, and ${path} is to come from the registry all the same`;
      throw lockError(file, what, "Let npm write the lock, which says which of them it is", whereOf(path));
    }
  }
}

/** The place of the package in whose `node_modules` this one stands; "" is the project. */
function bringerOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("node_modules/") - 1));
}

/** `a/@s/b` is `node_modules/a/node_modules/@s/b`; what a member has for itself lies in its folder. */
function placeOf(file: string, key: string, folders: ReadonlyMap<string, string>): string {
  const names = isInnerPath(key) ? (key.match(/@[^/]+(?:\/[^/]+)?|[^/]+/g) ?? []) : [];
  if (names.length === 0 || names.join("/") !== key || !names.every(isPackageName))
    throw leadsOut(file, key, "place", `packages["${key}"]`);
  const [first, ...inner] = names;
  const folder = inner.length === 0 ? undefined : folders.get(first!);
  return (folder === undefined ? names : inner).reduce(
    (path, name) => posix.join(path, "node_modules", name),
    folder ?? "",
  );
}

function entryOf(file: string, key: string, written: BunPackage): PlacedEntry {
  const { name, version, resolved, link, info, integrity, git } = resolutionOf(file, key, written);
  const { optionalPeers: _known, bundled, ...rest } = info;
  return {
    ...rest,
    name,
    ...(version !== undefined && { version }),
    ...(resolved !== undefined && { resolved }),
    ...(link && { link }),
    ...(git !== undefined && { git }),
    ...(integrity !== undefined && { integrity }),
    ...(bundled && { inBundle: true }),
  };
}
