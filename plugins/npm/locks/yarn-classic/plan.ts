/** What Yarn 1 lays out, as an install plan. */
import { join, posix } from "node:path";
import type { InstallPlan, LockedPackage, PackageId, PackageOrigin, Place } from "../../model.ts";
import { lockError } from "../lock-error.ts";
import type { ClassicPackage } from "./graph.ts";
import { tarballOf, type ClassicRoot } from "./origin.ts";
import { classicLinks, type ClassicPlace } from "./places.ts";

export interface PlanFor extends ClassicRoot {
  /** "" is the whole; of a workspace's member only what it needs is planned, where Yarn puts it for all. */
  readonly member: string;
}

export function planOf(
  given: PlanFor,
  all: readonly ClassicPlace[],
  binOf: (each: ClassicPackage) => Readonly<Record<string, string>>,
): InstallPlan {
  const { file, root, member } = given;
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
    const { name, source } = hoisted.package;
    const own = folder ?? (source.kind === "copy" ? source.folder : undefined);
    if (own === undefined) return tarballOf(given, hoisted.package);
    const isProject = own === member;
    return { name, origin: isProject ? { kind: "project" } : { kind: "folder", directory: join(root, own) } };
  }

  function idOf({ hoisted, folder }: ClassicPlace): PackageId {
    const { name, version, source } = hoisted.package;
    if (folder !== undefined) return `${name}@${folder}`;
    if (source.kind === "copy") return `${name}@${version}#${source.folder}`;
    const { name: published, origin } = tarballOf(given, hoisted.package);
    if (origin.kind === "git") return `${published}@${version}#${origin.commit}`;
    const from =
      origin.kind === "web" ? origin.url : origin.kind === "tarball" ? origin.file.slice(root.length + 1) : "";
    return `${published}@${version}${from && `#${from}`}`;
  }
}
