/**
 * `pnpm-lock.yaml` as an install plan: pnpm's isolated layout, in which each package stands in a folder of `node_modules/.pnpm` beside
 * links to what it needs. Laid out as pnpm 10 does.
 */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { giveTurn, interruptible, withoutEndSlashes } from "../../../../core/index.ts";
import type {
  InstallPlan,
  LockedPackage,
  PackageId,
  PackageOrigin,
  Place,
  ProgramFolder,
  Selection,
} from "../../model.ts";
import { isInnerPath, isPackageName, isWebAddress } from "../../names.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import type { LockText } from "../find-lock.ts";
import { archiveOrigin, gitOrigin, isGitArchive } from "../git-origin.ts";
import { lockError, refuseSameName, unfitPackage } from "../lock-error.ts";
import type { Manifest } from "../manifest.ts";
import { pnpmDisagreement } from "./agreement.ts";
import { patchHashOf, splitDepPath } from "./dep-path.ts";
import {
  STORE,
  importerAt,
  linkedFolders,
  neededMembers,
  pnpmGraph,
  type Directory,
  type GraphRefusals,
  type Seen,
  type StoredPackage,
} from "./graph.ts";
import { hoisted } from "./hoist.ts";
import { REGENERATE, parsePnpmLock, type PnpmLock, type PnpmPackage } from "./lock-file.ts";
import { patchFor, readPatches } from "./patches.ts";
import { readWorkspaceSettings, refuseOtherLayouts } from "./settings.ts";

export interface PnpmProject extends LockText {
  readonly npmrc: NpmSettings;
  readonly manifestOf: (directory: string) => Promise<Manifest>;
  readonly signal: AbortSignal;
}

/** Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`, `E_NPM_PROJECT`. */
export async function readPnpmLock(project: PnpmProject, selection: Selection): Promise<InstallPlan> {
  const { file, root, member, signal } = project;
  const workspace = await readWorkspaceSettings(root);
  refuseOtherLayouts(file, project.npmrc, workspace);
  const lock = parsePnpmLock(file, project.text);
  await giveTurn(signal);
  refuseUnread(file, lock, selection);
  if (!Object.hasOwn(lock.importers, importerAt(member)))
    throw lockError(file, `it has no member "${member}"`, REGENERATE);
  const refusals = refusalsOf(file, selection);
  const members = neededMembers(lock, member, selection, refusals);
  const manifests = new Map<Directory, Manifest>();
  for (const each of members) {
    const manifest = await project.manifestOf(join(root, each));
    const different = pnpmDisagreement(manifest, lock.importers[importerAt(each)]!, lock.settings);
    if (different !== undefined) throw lockError(file, different, REGENERATE, `importers["${importerAt(each)}"]`);
    manifests.set(each, manifest);
  }
  const rootManifest =
    manifests.get("") ?? (existsSync(join(root, "package.json")) ? await project.manifestOf(root) : {});
  const patches = await readPatches(project, lock, workspace, rootManifest);
  const graph = pnpmGraph(lock, members, selection, refusals);
  await giveTurn(signal);
  const names = namesOf(file, manifests);
  const shared = hoisted(graph, names);
  const linked = linkedFolders(graph);
  for (const folder of linked) manifests.set(folder, await project.manifestOf(join(root, folder)));

  const packages = new Map<PackageId, LockedPackage>();
  const places: Place[] = [];
  for await (const stored of interruptible(graph.packages.values(), signal)) {
    const made = packageOf(stored);
    const earlier = packages.get(made.id)?.needs ?? [];
    packages.set(made.id, { ...made, needs: [...new Set([...earlier, ...made.needs])].toSorted() });
    places.push({ path: stored.directory, package: made.id });
    linkAll(modulesAround(stored), stored.sees, stored);
  }
  for (const [each, sees] of graph.members) {
    if (each !== member) {
      packages.set(ownerOf(each), folderPackage(each, { kind: "folder", directory: join(root, each) }));
      places.push({ path: each, package: ownerOf(each) });
    }
    linkAll(posix.join(each, "node_modules"), sees);
  }
  for (const folder of linked) {
    packages.set(ownerOf(folder), folderPackage(folder, { kind: "folder", directory: join(root, folder) }));
    places.push({ path: folder, package: ownerOf(folder) });
  }
  linkAll(posix.join(STORE, "node_modules"), shared);
  await giveTurn(signal);
  if (places.some((place) => place.package === ownerOf(member)))
    packages.set(ownerOf(member), folderPackage(member, { kind: "project" }));
  return {
    lockFile: file,
    packages,
    places: places.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    layout: { kind: "pnpm", programs: programFolders() },
  };

  function packageOf({ depPath, name, locked, sees }: StoredPackage): LockedPackage {
    const id = idOf(depPath);
    const [, inPath] = splitDepPath(depPath);
    const version = locked.version ?? inPath;
    const patch = patchFor(depPath, patches, file);
    return {
      id,
      name,
      version,
      origin: originOf(project, depPath, locked),
      bin: {},
      needs: needsOf(sees).filter((each) => each !== id),
      ...(patch !== undefined && { patches: [patch] }),
    };
  }

  function folderPackage(directory: Directory, origin: PackageOrigin): LockedPackage {
    const { name = posix.basename(directory), version = "0.0.0" } = manifests.get(directory)!;
    const id = ownerOf(directory);
    // What else is linked is installed by whom it belongs to.
    const needs = needsOf(graph.members.get(directory) ?? new Map()).filter((each) => each !== id);
    return { id, name, version, origin, bin: {}, needs };
  }

  function needsOf(sees: Seen): readonly PackageId[] {
    return [...new Set([...sees.values()].map(ownerOf))].toSorted();
  }

  /** Links belong to what they lead to: another version of it moves nothing else. */
  function linkAll(modules: string, sees: Seen, within?: StoredPackage): void {
    for (const [alias, directory] of sees) {
      const isOwnName = alias === within?.name;
      const path = posix.join(isOwnName ? posix.join(within!.directory, "node_modules") : modules, alias);
      places.push({ path, link: directory, package: ownerOf(directory) });
    }
  }

  function ownerOf(directory: Directory): PackageId {
    const stored = graph.packages.get(directory);
    if (stored !== undefined) return idOf(stored.depPath);
    return `${manifests.get(directory)?.name ?? posix.basename(directory)}@${importerAt(directory)}`;
  }

  function programFolders(): readonly ProgramFolder[] {
    const at = (directory: Directory, written = directory) => ({ at: written, directory, package: ownerOf(directory) });
    const hasPrograms = (directory: Directory) => graph.packages.get(directory)?.locked.hasBin === true;
    const binsOf = (modules: string) => posix.join(modules, ".bin");
    return [
      ...[...graph.packages.values()].map((stored): ProgramFolder => {
        const { bundledDependencies } = stored.locked;
        return {
          path: binsOf(posix.join(stored.directory, "node_modules")),
          from: [...stored.sees.values()].filter(hasPrograms).map((directory) => at(directory)),
          ...(bundledDependencies !== undefined && { bundling: at(stored.directory) }),
        };
      }),
      {
        path: binsOf(posix.join(STORE, "node_modules")),
        from: [...shared]
          .filter(([, directory]) => hasPrograms(directory))
          .map(([alias, directory]) => at(directory, posix.join(STORE, "node_modules", alias))),
      },
      ...[...graph.members].map(([each, sees]) => ({
        path: binsOf(posix.join(each, "node_modules")),
        from: [...sees.values()].map((directory) => at(directory)),
      })),
    ];
  }
}

function namesOf(file: string, manifests: ReadonlyMap<Directory, Manifest>): ReadonlyMap<Directory, string> {
  const names = [...manifests].flatMap(([directory, { name }]) =>
    name === undefined ? [] : [[directory, name] as const],
  );
  for (const [, name] of names) {
    if (!isPackageName(name))
      throw lockError(file, `"${name.slice(0, 200)}" is no package's name`, "Rename the member");
  }
  refuseSameName(
    file,
    names.map(([directory, name]) => [importerAt(directory), name]),
  );
  return new Map(names);
}

function modulesAround({ directory, name }: StoredPackage): string {
  return directory.slice(0, -name.length - 1);
}

/** Whatever peers it sees, its files are the same, but for a patch. */
function idOf(depPath: string): PackageId {
  const patch = patchHashOf(depPath);
  return `${splitDepPath(depPath).join("@")}${patch === undefined ? "" : `#patch-${patch.slice(0, 12)}`}`;
}

function originOf({ file, root }: PnpmProject, depPath: string, { resolution }: PnpmPackage): PackageOrigin {
  const { integrity, tarball, type, directory = "" } = resolution;
  const sums = integrity === undefined ? {} : { integrity };
  if (type === undefined && tarball === undefined && integrity !== undefined) return { kind: "registry", ...sums };
  if (type === undefined && tarball?.startsWith("file:") === true) {
    const inside = tarball.slice("file:".length);
    if (isInnerPath(inside)) return { kind: "tarball", file: join(root, inside), ...sums };
    throw lockError(
      file,
      `${depPath} is the file "${inside}", outside the project`,
      "Put it into the project's folder",
    );
  }
  if (type === "directory" && isInnerPath(directory)) return { kind: "folder", directory: join(root, directory) };
  const git = gitOf(resolution);
  if (git !== undefined) return git;
  if (type === undefined && tarball !== undefined && isWebAddress(tarball) && !isHosted(resolution)) {
    const [, version] = splitDepPath(depPath);
    // A version says that it is the registry's, and this is where the registry has it.
    return { kind: version.includes(":") ? "web" : "registry", url: tarball, ...sums };
  }
  throw lockError(
    file,
    `${depPath} comes from ${type === undefined ? "git" : `a ${type}`}, and is no tarball, no commit of a repository and no folder of the project`,
    "Publish it, or put it into the project's folder",
    `packages["${depPath}"]`,
  );
}

/** Undefined for what is of no repository, and for what leads out of it. */
function gitOf({ type, repo = "", commit, path, tarball, gitHosted, integrity }: PnpmPackage["resolution"]) {
  const isArchive = tarball !== undefined && isWebAddress(tarball) && isHosted({ tarball, gitHosted });
  const origin =
    type === "git"
      ? gitOrigin(repo, commit, "published")
      : isArchive
        ? archiveOrigin(tarball, "published", integrity)
        : undefined;
  if (path === undefined) return origin;
  const folder = withoutEndSlashes(path.replace(/^\//, ""));
  return origin !== undefined && isInnerPath(folder) ? { ...origin, folder } : undefined;
}

/** Locks of older versions say it by the address alone. */
function isHosted({ tarball = "", gitHosted }: Pick<PnpmPackage["resolution"], "tarball" | "gitHosted">): boolean {
  return gitHosted === true || isGitArchive(tarball);
}

function refuseUnread(file: string, { settings }: PnpmLock, { omit }: Selection): void {
  const said =
    settings.excludeLinksFromLockfile === true
      ? "excludeLinksFromLockfile leaves the workspace's links out of it"
      : settings.injectWorkspacePackages === true
        ? "injectWorkspacePackages copies members instead of linking them"
        : omit.has("peer")
          ? 'omit has "peer", and pnpm leaves no peers out'
          : undefined;
  if (said === undefined) return;
  throw lockError(file, `${said}, which is not done here`, "Install in a step of the build, or leave it out");
}

function refusalsOf(file: string, { target }: Selection): GraphRefusals {
  return {
    missing: (depPath) => {
      throw lockError(file, `it has no ${depPath}, which is needed`, REGENERATE);
    },
    unfit: (depPath) => {
      throw unfitPackage(file, depPath, target, `packages["${depPath}"]`);
    },
    outside: (member, reference) => {
      throw lockError(
        file,
        `${member === "" ? "the project" : member} needs "${reference.slice(0, 200)}", which is not in the project's folder`,
        "Put it there, and make it a member: packages in pnpm-workspace.yaml",
        `importers["${importerAt(member)}"]`,
      );
    },
  };
}
