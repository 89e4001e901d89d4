/**
 * Which packages Yarn 1 installs, and by which patterns each is asked for (package-resolver.js, package-request.js). The order in which it
 * meets them decides whose peers a package gets, so it is kept: request by request of the project, each level by level.
 */
import { maxSatisfying, satisfies, validRange } from "semver";
import { globMatcher, isWithin, treePath } from "../../../../core/index.ts";
import { splitPattern, type ClassicEntry } from "./lock-file.ts";

/** A version of a package, under the name that it is installed by. */
export interface ClassicPackage {
  readonly name: string;
  readonly version: string;
  readonly source: ClassicSource;
  /** Patterns that mean it. */
  readonly patterns: string[];
  /** Patterns that it asks for; with its peers, once those are known. */
  readonly dependencies: string[];
  /** Of each request, names from the project down to who asked. */
  readonly requests: (readonly string[])[];
  /** Whether everybody can do without. */
  isOptional: boolean;
  /** Whether it was first asked for as optional. */
  readonly isOptionalFirst: boolean;
}

export type ClassicSource =
  | { readonly kind: "locked"; readonly entry: ClassicEntry; readonly range: string }
  /** The lock knows it, or the workspace does; by folder from the root. */
  | { readonly kind: "workspace" | "link"; readonly folder: string }
  /** A copy of a folder, which the lock has so. */
  | { readonly kind: "copy"; readonly folder: string; readonly entry: ClassicEntry }
  /** Stands for the whole workspace, and needs all of it. */
  | { readonly kind: "whole" };

/** What is known of a pattern's package before it is installed. */
export interface ClassicFound {
  readonly version: string;
  readonly source: ClassicSource;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

export interface ClassicRequest {
  readonly pattern: string;
  readonly isOptional: boolean;
  /** Whether it stands among optional dependencies. */
  readonly isMarked: boolean;
  /** Undefined for what the project itself asks for, which resolutions leave alone. */
  readonly parents?: readonly string[];
}

export interface ClassicGraph {
  readonly packages: readonly ClassicPackage[];
  readonly byPattern: ReadonlyMap<string, ClassicPackage>;
}

/** `find`: throws where the lock has no such pattern; `tooDeep` is told where packages need each other without an end. */
export function classicGraph(
  requests: readonly ClassicRequest[],
  resolutions: readonly ClassicResolution[],
  find: (pattern: string) => ClassicFound,
  tooDeep: (pattern: string) => never,
): ClassicGraph {
  const byPattern = new Map<string, ClassicPackage>();
  const patternsOf = new Map<string, string[]>();
  const packages: ClassicPackage[] = [];
  const known: ClassicRequest[] = [];
  const delayed: ClassicRequest[] = [];
  for (const request of [...resolutions.map(({ pattern }) => plainRequest(pattern)), ...requests]) {
    const queue = [request];
    for (const each of queue) queue.push(...answer(each));
  }
  for (const request of known) join(request);
  for (const request of delayed) redirect(request);
  return { packages, byPattern };

  function answer(request: ClassicRequest): readonly ClassicRequest[] {
    if (redirect(request)) return [];
    const { pattern, isOptional, isMarked, parents = [] } = request;
    if (!isWithin("npm.depth", parents.length)) tooDeep(pattern);
    const [name, range] = splitPattern(pattern);
    const { version, source, dependencies, optionalDependencies } = find(pattern);
    const exact = validRange(range) === null ? range : version;
    if ((patternsOf.get(name) ?? []).some((each) => byPattern.get(each)!.version === exact)) {
      known.push(request);
      return [];
    }
    const made: ClassicPackage = {
      name,
      version,
      source,
      patterns: [],
      dependencies: [],
      requests: [parents],
      isOptional,
      isOptionalFirst: isMarked,
    };
    packages.push(made);
    add(pattern, made);
    const path = [...parents, name];
    const asked = [
      ...Object.entries(dependencies).map(([each, wanted]) => ({
        pattern: `${each}@${wanted}`,
        isOptional,
        isMarked: false,
        parents: path,
      })),
      ...Object.entries(optionalDependencies).map(([each, wanted]) => ({
        pattern: `${each}@${wanted}`,
        isOptional: true,
        isMarked: true,
        parents: path,
      })),
    ];
    made.dependencies.push(...asked.map((each) => each.pattern));
    return asked;
  }

  function add(pattern: string, to: ClassicPackage): void {
    byPattern.set(pattern, to);
    to.patterns.push(pattern);
    const patterns = patternsOf.get(to.name) ?? [];
    if (!patterns.includes(pattern)) patternsOf.set(to.name, [...patterns, pattern]);
  }

  /** Means a version that was met already. */
  function join({ pattern, isOptional, parents = [] }: ClassicRequest): void {
    const [name, range] = splitPattern(pattern);
    const version = validRange(range) === null ? range : find(pattern).version;
    const candidates = (patternsOf.get(name) ?? []).map((each) => byPattern.get(each)!);
    const best = maxSatisfying(
      candidates.map((each) => each.version),
      version,
    );
    const found = candidates.find((each) => each.version === best)!;
    found.requests.push(parents);
    add(pattern, found);
    if (!isOptional) found.isOptional = false;
  }

  /** Whether a resolution says what it means. */
  function redirect(request: ClassicRequest): boolean {
    const { pattern, parents } = request;
    if (parents === undefined) return false;
    const [name] = splitPattern(pattern);
    const resolution = resolutions.find(
      (each) => each.name === name && each.matches(treePath([...parents, name].join("/"))),
    );
    if (resolution === undefined) return false;
    const meant = byPattern.get(resolution.pattern);
    if (meant === undefined) delayed.push(request);
    else add(pattern, meant);
    return true;
  }
}

function plainRequest(pattern: string): ClassicRequest {
  return { pattern, isOptional: false, isMarked: false };
}

export interface ClassicResolution {
  readonly name: string;
  readonly pattern: string;
  readonly matches: (path: ReturnType<typeof treePath>) => boolean;
}

/** `resolutions` of package.json: `ms`, `debug/ms`, or with globs. */
export function classicResolutions(written: Readonly<Record<string, string>>): readonly ClassicResolution[] {
  return Object.entries(written).map(([glob, range]) => {
    const name = glob.match(/@[^/]+(?:\/[^/]+)?|[^/]+/g)?.at(-1) ?? glob;
    return { name, pattern: `${name}@${range}`, matches: globMatcher([name === glob ? `**/${name}` : glob]) };
  });
}

/**
 * Peers as further dependencies (package-linker.js: resolvePeerModules): of the packages of that name the one that is asked for
 * nearest above, if its version fits. `peersOf`: ranges by name.
 */
export function addPeers(
  { packages, byPattern }: ClassicGraph,
  peersOf: (each: ClassicPackage) => Readonly<Record<string, string>>,
): void {
  for (const each of packages) {
    const path = each.requests.toSorted((a, b) => a.length - b.length)[0]!;
    for (const [name, range] of Object.entries(peersOf(each))) {
      const near = packages
        .filter((peer) => peer.name === name)
        .map((peer) => ({ peer, distance: distanceTo(peer, path) }))
        .filter(
          ({ peer, distance }) =>
            Number.isFinite(distance) && (range === "*" || satisfies(peer.version, range, { includePrerelease: true })),
        )
        .toSorted((a, b) => a.distance - b.distance)[0];
      if (near !== undefined) each.dependencies.push(...near.peer.patterns.filter((pattern) => byPattern.has(pattern)));
    }
  }
}

/** How far above somebody it is asked for, of whom `path` leads down to who asked. */
function distanceTo(peer: ClassicPackage, path: readonly string[]): number {
  const above = peer.requests.filter((parents) => parents.every((name, index) => name === path[index]));
  return Math.min(...above.map((parents) => path.length - parents.length));
}
