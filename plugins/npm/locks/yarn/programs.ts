/** The links in every `.bin` (NodeModulesLinker: createBinSymlinkMap): outer folders have what stands below them, the first of one name wins. */
import { posix } from "node:path";
import type { Instance } from "./instances.ts";
import { folderOf, isLink } from "./lock-file.ts";
import type { YarnPlace } from "./hoist.ts";

/** One that may be linked: the first of a path that is there is. */
export interface ProgramLink {
  /** `node_modules/.bin/esbuild` */
  readonly path: string;
  /** Where its package is found: `node_modules/esbuild`. */
  readonly at: string;
  readonly instance: Instance;
  /** Inside the package. */
  readonly program: string;
}

interface Location {
  instance?: Instance;
  readonly children: Map<string, Location>;
}

type Program = Omit<ProgramLink, "path">;

/** `top`: the root's own. */
export function programLinks(places: readonly YarnPlace[], top: Instance): readonly ProgramLink[] {
  const links: ProgramLink[] = [];
  for (const [folder, location] of locationsOf(places, top)) {
    const own = location.instance === undefined ? [] : programsOf(location.instance, folder);
    link(folder, [...own.map((program) => [program.command, program] as const), ...below(location, folder)]);
  }
  return links;

  /** What the folders inside a package, or inside a workspace's folder, offer it. */
  function below({ children }: Location, path: string): readonly (readonly [string, Program])[] {
    return Array.from(children).flatMap(([name, child]) => offered(child, posix.join(path, name)));
  }

  function offered(location: Location, path: string): readonly (readonly [string, Program])[] {
    const inside = below(location, path);
    if (location.instance === undefined) return inside;
    link(path, inside);
    return programsOf(location.instance, path).map((program) => [program.command, program] as const);
  }

  function link(folder: string, programs: readonly (readonly [string, Program])[]): void {
    for (const [command, { at, instance, program }] of programs)
      links.push({ path: posix.join(folder, "node_modules/.bin", command), at, instance, program });
  }
}

function programsOf(instance: Instance, at: string): readonly (Program & { readonly command: string })[] {
  return Object.entries(instance.asking.locked.bin).flatMap(([command, written]) => {
    const program = posix.join("/", written).slice(1);
    return program === "" || program.includes("\0") ? [] : [{ command, at, instance, program }];
  });
}

/** By folder of the project; its packages are met in the order in which Yarn met them first. */
function locationsOf(places: readonly YarnPlace[], top: Instance): ReadonlyMap<string, Location> {
  const roots = new Map<string, Location>([["", { instance: top, children: new Map() }]]);
  const byInstance = new Map<Instance, string[]>();
  for (const { path, instance } of places) byInstance.set(instance, [...(byInstance.get(instance) ?? []), path]);
  for (const [instance, paths] of byInstance) {
    if (isLink(instance.asking.locked)) locationAt(roots, folderOf(instance.asking.locked)).instance = instance;
    for (const path of paths.toSorted().toReversed()) {
      const segments = path.split("/");
      const start = segments.indexOf("node_modules");
      let location = locationAt(roots, segments.slice(0, start).join("/"));
      for (const segment of segments.slice(start)) location = locationAt(location.children, segment);
      location.instance = instance;
    }
  }
  return roots;
}

function locationAt(locations: Map<string, Location>, name: string): Location {
  const known = locations.get(name) ?? { children: new Map() };
  locations.set(name, known);
  return known;
}
