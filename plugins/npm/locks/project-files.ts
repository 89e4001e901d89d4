/** What a lock names of the project beside itself: folders, tarballs and patches. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { liesInside } from "../git/inside.ts";
import type { InstallPlan, LockedPackage } from "../model.ts";
import type { FoundLock } from "./find-lock.ts";
import { outsideProject } from "./lock-error.ts";

/** Absolute. */
export function filesOf({ origin, patches = [] }: LockedPackage): readonly string[] {
  const own = origin.kind === "folder" ? [origin.directory] : origin.kind === "tarball" ? [origin.file] : [];
  return [...own, ...patches.flatMap(({ file }) => file ?? [])];
}

/** Throws `E_NPM_LOCK` where a link of the project leads out of it, by which a lock would bring whatever lies on this machine. */
export function refuseLinksOut({ file, root }: FoundLock, { packages }: InstallPlan): void {
  for (const each of packages.values()) {
    const place = filesOf(each).find((path) => existsSync(path) && !liesInside(root, path));
    if (place !== undefined) throw outsideProject(file, each.name, relative(root, place), each.id);
  }
}
