/** What Yarn lays out, as an install plan. */
import { posix } from "node:path";
import type { InstallPlan, LockedPackage, PackageId, PackagePatch, Place } from "../../model.ts";
import type { YarnPlace, YarnWorkspace } from "./hoist.ts";
import type { Instance } from "./instances.ts";
import { folderOf, isLink, isWorkspace, type YarnPackage } from "./lock-file.ts";
import { originOf, type YarnRoot } from "./origin.ts";
import { programLinks } from "./programs.ts";

export interface LaidOut extends YarnRoot {
  /** The folder whose packages are asked for. */
  readonly member: string;
  /** The root first. */
  readonly workspaces: readonly YarnWorkspace[];
  readonly places: readonly YarnPlace[];
  /** By locator. */
  readonly patches: ReadonlyMap<string, readonly PackagePatch[]>;
  readonly isLeftOut: (instance: Instance) => boolean;
}

/** Throws `E_NPM_LOCK` for a package that is none of a registry. */
export function planOf({ file, root, member, workspaces, places, patches, isLeftOut }: LaidOut): InstallPlan {
  const packages = new Map<PackageId, LockedPackage>();
  const laid = places.map(({ path, instance }): Place => {
    const id = add(instance);
    return isLink(instance.asking.locked)
      ? { path, link: folderOf(instance.asking.locked), package: id }
      : { path, package: id };
  });
  for (const [folder, instance] of folders()) {
    if (folder !== "" && folder !== member) laid.push({ path: folder, package: add(instance) });
  }
  const links = programLinks(places, workspaces[0]!.instance).flatMap(({ path, at, instance, program }) => {
    const { locked } = instance.asking;
    const id = idOf(locked);
    const target = posix.relative(posix.dirname(path), posix.join(at, program));
    const place = isLink(instance.asking.locked) ? folderOf(locked) : at;
    return packages.has(id) ? [{ path, target, place, package: id, program }] : [];
  });
  return {
    lockFile: file,
    packages,
    places: laid.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    layout: { kind: "yarn", links },
  };

  /** What links lead to. */
  function folders(): ReadonlyMap<string, Instance> {
    const found = new Map<string, Instance>();
    for (const { folder, instance, isInstalled } of workspaces) if (isInstalled) found.set(folder, instance);
    for (const { instance } of places) {
      const { locked } = instance.asking;
      const folder = isLink(locked) && !isWorkspace(locked) ? folderOf(locked) : "";
      if (!found.has(folder)) found.set(folder, instance);
    }
    return found;
  }

  function add({ asking, dependencies }: Instance): PackageId {
    const { locked } = asking;
    const id = idOf(locked);
    const sees = [...dependencies.values()].flatMap((seen) =>
      seen === undefined || isLeftOut(seen.instance) ? [] : [idOf(seen.instance.asking.locked)],
    );
    const needs = new Set([...(packages.get(id)?.needs ?? []), ...sees]);
    needs.delete(id);
    const { name, version } = locked;
    const own = {
      id,
      name,
      version,
      origin: originOf(locked, member, { file, root }),
      bin: {},
      needs: [...needs].toSorted(),
    };
    packages.set(id, { ...own, patches: patches.get(locked.locator) ?? [] });
    return id;
  }
}

/** A package of the project is known by its place. */
function idOf(locked: YarnPackage): PackageId {
  const { name, reference, version } = locked;
  if (isLink(locked)) return `${name}@${folderOf(locked) || "."}`;
  return reference.startsWith("npm:") ? `${name}@${version}` : `${name}@${version}#${reference}`;
}
