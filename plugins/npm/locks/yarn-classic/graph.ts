/**
 * Which packages Yarn 1 installs, and by which patterns each is asked for (package-resolver.js, package-request.js). The order in which it
 * meets them decides whose peers a package gets, so it is kept: request by request of the project, each level by level.
 */
import { satisfies, validRange } from "semver";
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
  const patternsOf = new Map<string, Set<string>>();
  /** What those mean, by name and version, where that was asked for: a lock may have very many patterns of one name. */
  const meantBy = new Map<string, Map<string, ClassicPackage>>();
  const packages: ClassicPackage[] = [];
  const known: ClassicRequest[] = [];
  const delayed: ClassicRequest[] = [];
  for (const request of [...resolutions.map(({ pattern }) => plainRequest(pattern)), ...requests]) {
    const queue = [request];
    // One by one: a package may ask for more of them than a call takes arguments.
    for (const each of queue) for (const asked of answer(each)) queue.push(asked);
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
    if (versionsOf(name).has(exact)) {
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
    for (const each of asked) made.dependencies.push(each.pattern);
    return asked;
  }

  function add(pattern: string, to: ClassicPackage): void {
    const before = byPattern.get(pattern) ?? to;
    byPattern.set(pattern, to);
    to.patterns.push(pattern);
    patternsOf.set(to.name, (patternsOf.get(to.name) ?? new Set()).add(pattern));
    const versions = meantBy.get(to.name);
    if (before !== to) meantBy.delete(to.name);
    else if (versions?.has(to.version) === false) versions.set(to.version, to);
  }

  /** Of each version, the package whose pattern was met first. */
  function versionsOf(name: string): ReadonlyMap<string, ClassicPackage> {
    const known = meantBy.get(name);
    if (known !== undefined) return known;
    const meant = Array.from(patternsOf.get(name) ?? [], (each) => byPattern.get(each)!);
    const made = new Map(meant.toReversed().map((each) => [each.version, each]));
    meantBy.set(name, made);
    return made;
  }

  /** Means a version that was met already, though a resolution may have taken its patterns away since. */
  function join({ pattern, isOptional, parents = [] }: ClassicRequest): void {
    const [name, range] = splitPattern(pattern);
    const version = validRange(range) === null ? range : find(pattern).version;
    const found =
      versionsOf(name).get(version) ?? packages.find((each) => each.name === name && each.version === version)!;
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
  const named = new Map<string, ClassicPackage[]>();
  for (const each of packages) {
    const known = named.get(each.name);
    if (known === undefined) named.set(each.name, [each]);
    else known.push(each);
  }
  for (const each of packages) {
    const path = each.requests.toSorted((a, b) => a.length - b.length)[0]!;
    for (const [name, range] of Object.entries(peersOf(each))) {
      const near = (named.get(name) ?? [])
        .map((peer) => ({ peer, distance: distanceTo(peer, path) }))
        .filter(
          ({ peer, distance }) =>
            Number.isFinite(distance) && (range === "*" || satisfies(peer.version, range, { includePrerelease: true })),
        )
        .toSorted((a, b) => a.distance - b.distance)[0];
      for (const pattern of near?.peer.patterns ?? []) if (byPattern.has(pattern)) each.dependencies.push(pattern);
    }
  }
}

/** How far above somebody it is asked for, of whom `path` leads down to who asked. */
function distanceTo(peer: ClassicPackage, path: readonly string[]): number {
  const above = peer.requests.filter((parents) => parents.every((name, index) => name === path[index]));
  return above.reduce((least, parents) => Math.min(least, path.length - parents.length), Infinity);
}
