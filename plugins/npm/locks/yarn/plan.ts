/** What Yarn lays out, as an install plan. */
import { join, posix } from "node:path";
import type { InstallPlan, LockedPackage, PackageId, PackageOrigin, PackagePatch, Place } from "../../model.ts";
import { isWebAddress } from "../../names.ts";
import { lockError } from "../lock-error.ts";
import type { YarnPlace, YarnWorkspace } from "./hoist.ts";
import { isLinked, type Instance } from "./instances.ts";
import { folderOf, isWorkspace, type YarnPackage } from "./lock-file.ts";
import { unpatched } from "./patches.ts";
import { programLinks } from "./programs.ts";

export interface LaidOut {
  /** The lock. */
  readonly file: string;
  readonly root: string;
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
    return isLinked(instance) ? { path, link: folderOf(instance.asking.locked), package: id } : { path, package: id };
  });
  for (const { folder, instance, isInstalled } of workspaces) {
    if (isInstalled && folder !== "" && folder !== member) laid.push({ path: folder, package: add(instance) });
  }
  const links = programLinks(places, workspaces[0]!.instance).flatMap(({ path, at, instance, program }) => {
    const { locked } = instance.asking;
    const id = idOf(locked);
    const target = posix.relative(posix.dirname(path), posix.join(at, program));
    const place = isLinked(instance) ? folderOf(locked) : at;
    return packages.has(id) ? [{ path, target, place, package: id, program }] : [];
  });
  return {
    lockFile: file,
    packages,
    places: laid.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    layout: { kind: "yarn", links },
  };

  function add({ asking, dependencies }: Instance): PackageId {
    const { locked } = asking;
    const id = idOf(locked);
    const sees = [...dependencies.values()].flatMap((seen) =>
      seen === undefined || isLeftOut(seen.instance) ? [] : [idOf(seen.instance.asking.locked)],
    );
    const needs = new Set([...(packages.get(id)?.needs ?? []), ...sees]);
    needs.delete(id);
    const { name, version } = locked;
    const own = { id, name, version, origin: originOf(locked), bin: {}, needs: [...needs].toSorted() };
    packages.set(id, { ...own, patches: patches.get(locked.locator) ?? [] });
    return id;
  }

  function originOf(locked: YarnPackage): PackageOrigin {
    if (isWorkspace(locked)) {
      const folder = folderOf(locked);
      return folder === member || folder === ""
        ? { kind: "project" }
        : { kind: "folder", directory: join(root, folder) };
    }
    return originOfReference(file, locked);
  }
}

/** A package of the project is known by its place. */
function idOf(locked: YarnPackage): PackageId {
  const { name, reference, version } = locked;
  if (isWorkspace(locked)) return `${name}@${folderOf(locked) || "."}`;
  return reference.startsWith("npm:") ? `${name}@${version}` : `${name}@${version}#${reference}`;
}

function originOfReference(file: string, locked: YarnPackage): PackageOrigin {
  const { locator } = locked;
  const { name, reference } = unpatched(locked);
  if (reference.startsWith("npm:")) {
    const url = new URLSearchParams(reference.split("::", 2)[1] ?? "").get("__archiveUrl");
    if (url !== null && !isWebAddress(url)) throw unreadReference(file, name, reference, locator);
    return { kind: "registry", ...(url !== null && { url }) };
  }
  if (isWebAddress(reference) && /^[^#]+\.(?:tgz|tar\.gz)$/.test(reference)) return { kind: "web", url: reference };
  throw unreadReference(file, name, reference, locator);
}

function unreadReference(file: string, name: string, reference: string, where: string) {
  return lockError(
    file,
    `${name} comes from "${reference.slice(0, 200)}", which is no tarball of a registry or of the web`,
    "Packages from git and from folders are not read: publish it, or make it a workspace",
    where,
  );
}
