/** From what was hoisted to paths of the project, and to the links in every `.bin` (package-linker.js). */
import { posix } from "node:path";
import { sortKey } from "../../layout/sort-key.ts";
import type { ClassicPackage } from "./graph.ts";
import { byCode, type Hoisted } from "./hoist.ts";

/** One that is installed. */
export interface ClassicPlace {
  /** Where its files are, from the root: `node_modules/debug`, `packages/api/node_modules/debug`. */
  readonly path: string;
  readonly hoisted: Hoisted;
  /** Of a workspace, and of what `link:` names: its folder, to which `path` is a link. */
  readonly folder?: string;
  /** Where what it needs is found. */
  readonly needs: ClassicPlace[];
}

/** In Yarn's order, in which later links replace earlier ones. `workspaces`: folders by name. */
export function classicPlaces(
  all: readonly Hoisted[],
  workspaces: ReadonlyMap<string, string>,
  byPattern: ReadonlyMap<string, ClassicPackage>,
): readonly ClassicPlace[] {
  const atRoot = new Map(all.flatMap((each) => (each.parts.length === 1 ? [[each.parts[0]!, each.package]] : [])));
  const whole = all.find((each) => each.package.source.kind === "whole")?.package.name;
  const places = all.flatMap((hoisted): (ClassicPlace & { readonly written: string })[] => {
    const { parts, isRequired } = hoisted;
    const { source } = hoisted.package;
    if (!isRequired || (parts[0] === whole && parts.length <= 2)) return [];
    const written = modulesPath(parts);
    const folder = source.kind === "workspace" || source.kind === "link" ? { folder: source.folder } : {};
    return [{ written, path: realPath(parts), hoisted, ...folder, needs: [] }];
  });
  /** By path. */
  const placesOf = new Map<ClassicPackage, Map<string, ClassicPlace>>();
  for (const place of places) {
    const own = placesOf.get(place.hoisted.package) ?? new Map<string, ClassicPlace>();
    placesOf.set(place.hoisted.package, own);
    if (!own.has(place.path)) own.set(place.path, place);
  }
  for (const { path, folder, hoisted, needs } of places) {
    for (const needed of new Set(hoisted.package.dependencies.map((pattern) => byPattern.get(pattern)!))) {
      const nearest = nearestTo(folder ?? path, needed.name, placesOf.get(needed) ?? new Map());
      if (nearest !== undefined) needs.push(nearest);
    }
  }
  return places.toSorted((a, b) => byCode(sortKey(a.written), sortKey(b.written)));

  /** What lies in a workspace's folder is found there, not behind the link to it. */
  function realPath(parts: readonly string[]): string {
    const [first, second] = parts;
    if (first === whole) return posix.join(workspaces.get(second!)!, modulesPath(parts.slice(2)));
    const outer = atRoot.get(first!)!.source;
    if (parts.length === 1 || outer.kind !== "workspace") return modulesPath(parts);
    return posix.join(outer.folder, modulesPath(parts.slice(1)));
  }
}

function modulesPath(parts: readonly string[]): string {
  return posix.join(...parts.map((part) => `node_modules/${part}`));
}

export interface ClassicLink {
  /** `node_modules/.bin/esbuild` */
  readonly path: string;
  /** Where the program's package is. */
  readonly place: ClassicPlace;
  /** Inside the package. */
  readonly program: string;
}

/** The last of several at one path is made. `binOf`: programs by name. */
export function classicLinks(
  places: readonly ClassicPlace[],
  binOf: (each: ClassicPackage) => Readonly<Record<string, string>>,
): readonly ClassicLink[] {
  return [
    ...places.flatMap(({ path, folder = path, needs }) =>
      needs.flatMap((needed) => linksTo(needed, posix.join(folder, "node_modules"))),
    ),
    ...rootOrder(places).flatMap((place) => linksTo(place, "node_modules")),
  ];

  function linksTo(place: ClassicPlace, modules: string): readonly ClassicLink[] {
    return Object.entries(binOf(place.hoisted.package)).map(([command, program]) => ({
      path: posix.join(modules, ".bin", command),
      place,
      program,
    }));
  }
}

/** What is found from a package's folder. */
function nearestTo(folder: string, name: string, places: ReadonlyMap<string, ClassicPlace>): ClassicPlace | undefined {
  for (let above = folder; ; above = posix.dirname(above)) {
    const found = places.get(posix.join(above, "node_modules", name));
    if (found !== undefined || above === ".") return found;
  }
}

/** Every package once, what the project asks for last. */
function rootOrder(places: readonly ClassicPlace[]): readonly ClassicPlace[] {
  const chosen = new Map<string, ClassicPlace>();
  for (const place of places) {
    const { package: own, isDirect } = place.hoisted;
    if (isDirect || !chosen.has(own.name)) chosen.set(own.name, place);
  }
  const all = [...chosen.values()];
  return [...all.filter(({ hoisted }) => !hoisted.isDirect), ...all.filter(({ hoisted }) => hoisted.isDirect)];
}
