/** What Yarn 1 lays out, as an install plan. */
import { join, posix } from "node:path";
import type { InstallPlan, LockedPackage, PackageId, PackageOrigin, Place } from "../../model.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import { lockError } from "../lock-error.ts";
import type { ClassicPackage } from "./graph.ts";
import { tarballOf } from "./origin.ts";
import { classicLinks, type ClassicPlace } from "./places.ts";

export interface PlanFor {
  readonly file: string;
  readonly root: string;
  /** "" is the whole; of a workspace's member only what it needs is planned, where Yarn puts it for all. */
  readonly member: string;
  readonly settings: NpmSettings;
}

export function planOf(
  { file, root, member, settings }: PlanFor,
  all: readonly ClassicPlace[],
  binOf: (each: ClassicPackage) => Readonly<Record<string, string>>,
): InstallPlan {
  const places = member === "" ? all : neededBy(member);
  const packages = new Map<PackageId, LockedPackage>();
  const laid: Place[] = [];
  for (const place of places) {
    if (place.folder === member && !places.some(({ needs }) => needs.includes(place))) continue;
    const id = add(place);
    const { path, folder } = place;
    laid.push(folder === undefined ? { path, package: id } : { path, link: folder, package: id });
    if (folder !== undefined && folder !== member) laid.push({ path: folder, package: id });
  }
  const links = classicLinks(places, binOf).map(({ path, place, program }) => {
    const at = place.folder ?? place.path;
    const target = posix.relative(posix.dirname(path), posix.join(at, program));
    return { path, target, place: at, package: idOf(place), program };
  });
  return {
    lockFile: file,
    packages,
    places: laid.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    // The last one is Yarn's.
    layout: { kind: "yarn-classic", links: links.filter((link) => packages.has(link.package)).toReversed() },
  };

  function neededBy(folder: string): readonly ClassicPlace[] {
    const start = all.find((place) => place.folder === folder);
    if (start === undefined) {
      const hint = "Give its package.json a name and a version, without which Yarn 1 leaves it out; then yarn install";
      throw lockError(file, `it has no member "${folder}"`, hint);
    }
    const found = new Set([start]);
    for (const { needs } of found) for (const each of needs) found.add(each);
    return all.filter((place) => found.has(place));
  }

  function add(place: ClassicPlace): PackageId {
    const id = idOf(place);
    const needs = new Set([...(packages.get(id)?.needs ?? []), ...place.needs.map(idOf)]);
    needs.delete(id);
    const { version } = place.hoisted.package;
    packages.set(id, { id, version, ...sourceOf(place), bin: {}, needs: [...needs].toSorted() });
    return id;
  }

  function sourceOf({ hoisted, folder }: ClassicPlace): { readonly name: string; readonly origin: PackageOrigin } {
    if (folder === undefined) return tarballOf(file, hoisted.package, settings);
    const { name } = hoisted.package;
    const isProject = folder === member;
    return { name, origin: isProject ? { kind: "project" } : { kind: "folder", directory: join(root, folder) } };
  }

  function idOf({ hoisted, folder }: ClassicPlace): PackageId {
    const { name, version } = hoisted.package;
    if (folder !== undefined) return `${name}@${folder}`;
    const tarball = tarballOf(file, hoisted.package, settings);
    return tarball.origin.kind === "web"
      ? `${tarball.name}@${version}#${tarball.origin.url}`
      : `${tarball.name}@${version}`;
  }
}
