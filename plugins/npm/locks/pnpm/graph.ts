/** Which packages of a pnpm lock are installed for some members of its workspace, where they stand, and what each of them sees. */
import { posix } from "node:path";
import type { Selection } from "../../model.ts";
import { isInnerPath } from "../../names.ts";
import { fitsSystem } from "../../platform.ts";
import { depPathOf, splitDepPath, storeFolderOf, withoutPeers } from "./dep-path.ts";
import type { PnpmImporter, PnpmLock, PnpmPackage } from "./lock-file.ts";

export const STORE = "node_modules/.pnpm";

/** From the workspace's folder: `node_modules/.pnpm/debug@4.3.4/node_modules/debug`, or a member's own folder; "" is the root. */
export type Directory = string;

/** What stands in a `node_modules`, by the name that it has there. */
export type Seen = ReadonlyMap<string, Directory>;

export interface StoredPackage {
  readonly depPath: string;
  readonly name: string;
  readonly directory: Directory;
  readonly locked: PnpmPackage;
  readonly sees: Seen;
}

export interface PnpmGraph {
  readonly packages: ReadonlyMap<Directory, StoredPackage>;
  /** By member, in pnpm's order. */
  readonly members: ReadonlyMap<Directory, Seen>;
}

/** What a lock may hold, and cannot be installed. */
export interface GraphRefusals {
  readonly missing: (depPath: string) => never;
  readonly unfit: (depPath: string) => never;
  readonly outside: (member: Directory, reference: string) => never;
}

/** What links lead to and the lock does not know: folders of the project that somebody else looks after. Sorted. */
export function linkedFolders({ packages, members }: PnpmGraph): readonly Directory[] {
  const seen = [...packages.values(), ...Array.from(members.values(), (sees) => ({ sees }))];
  const all = seen.flatMap(({ sees }) => [...sees.values()]);
  return [...new Set(all)].filter((directory) => !packages.has(directory) && !members.has(directory)).toSorted();
}

/** The members that a project needs, itself among them; of the workspace's root, all. Sorted. */
export function neededMembers(lock: PnpmLock, project: Directory, selection: Selection, refusals: GraphRefusals) {
  const needed = new Set(project === "" ? Object.keys(lock.importers).map(directoryOfImporter) : [project]);
  for (const member of needed) {
    for (const [, reference] of referencesOf(lock.importers[importerAt(member)]!, selection)) {
      const linked = reference.startsWith("link:") ? linkedFolder(lock, member, reference, refusals) : undefined;
      if (linked !== undefined && Object.hasOwn(lock.importers, importerAt(linked))) needed.add(linked);
    }
  }
  return [...needed].toSorted();
}

export function importerAt(member: Directory): string {
  return member === "" ? "." : member;
}

function directoryOfImporter(importer: string): Directory {
  return importer === "." ? "" : importer;
}

export function pnpmGraph(
  lock: PnpmLock,
  members: readonly Directory[],
  selection: Selection,
  refusals: GraphRefusals,
): PnpmGraph {
  const picked = new Set<string>();
  const skipped = new Set<string>();
  const direct = members.map(
    (member) => [member, referencesOf(lock.importers[importerAt(member)]!, selection)] as const,
  );
  pick(
    direct.flatMap(([, references]) => references.flatMap(([alias, reference]) => depPathOf(reference, alias) ?? [])),
    true,
  );
  const installed = [...picked].filter((depPath) => !skipped.has(depPath));
  const packages = new Map(
    installed.map((depPath): [Directory, StoredPackage] => {
      const [name] = splitDepPath(depPath);
      const directory = directoryOf(depPath);
      const locked = lock.packages[withoutPeers(depPath)]!;
      return [directory, { depPath, name, directory, locked, sees: seenFrom("", referencesIn(depPath)) }];
    }),
  );
  return { packages, members: new Map(direct.map(([member, references]) => [member, seenFrom(member, references)])) };

  /**
   * As pnpm walks (lockfile/filtering): what was reached first through a package that does not run on the target stays away if
   * nothing needs it that could not do without.
   */
  function pick(depPaths: readonly string[], isBelowInstalled: boolean): void {
    const waiting = [{ depPaths, at: 0, isBelowInstalled }];
    while (waiting.length > 0) {
      const top = waiting.at(-1)!;
      const depPath = top.depPaths[top.at++];
      if (depPath === undefined) waiting.pop();
      if (depPath === undefined || picked.has(depPath)) continue;
      const snapshot = lock.snapshots[depPath] ?? refusals.missing(depPath);
      const isFit = fitsSystem(lock.packages[withoutPeers(depPath)]!, selection.target);
      if (!isFit && !snapshot.optional) refusals.unfit(depPath);
      const isInstalled = top.isBelowInstalled && isFit;
      if (!isInstalled && snapshot.optional) skipped.add(depPath);
      picked.add(depPath);
      const next = referencesIn(depPath).flatMap(([alias, reference]) => depPathOf(reference, alias) ?? []);
      waiting.push({ depPaths: next, at: 0, isBelowInstalled: isInstalled });
    }
  }

  function referencesIn(depPath: string): readonly Reference[] {
    const { dependencies, optionalDependencies } = lock.snapshots[depPath]!;
    const all = selection.omit.has("optional") ? dependencies : { ...dependencies, ...optionalDependencies };
    return Object.entries(all);
  }

  function seenFrom(member: Directory, references: readonly Reference[]): Seen {
    return new Map(
      references.flatMap(([alias, reference]): [string, Directory][] => {
        const depPath = depPathOf(reference, alias);
        if (depPath === undefined) return [[alias, linkedFolder(lock, member, reference, refusals)]];
        return skipped.has(depPath) ? [] : [[alias, directoryOf(depPath)]];
      }),
    );
  }
}

type Reference = readonly [alias: string, reference: string];

function referencesOf(importer: PnpmImporter, { omit }: Selection): readonly Reference[] {
  const lists = {
    ...(omit.has("dev") ? {} : importer.devDependencies),
    ...importer.dependencies,
    ...(omit.has("optional") ? {} : importer.optionalDependencies),
  };
  return Object.entries(lists).map(([alias, { version }]) => [alias, version]);
}

/** A member of the workspace, or another folder in it. */
function linkedFolder(lock: PnpmLock, member: Directory, reference: string, { outside }: GraphRefusals): Directory {
  const folder = posix.join(member, reference.slice("link:".length)).replace(/\/$/, "");
  if (Object.hasOwn(lock.importers, folder)) return directoryOfImporter(folder);
  return isInnerPath(folder) && !folder.split("/").includes("node_modules") ? folder : outside(member, reference);
}

function directoryOf(depPath: string): Directory {
  return posix.join(STORE, storeFolderOf(depPath), "node_modules", splitDepPath(depPath)[0]);
}
