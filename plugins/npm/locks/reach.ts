/** Which places of an npm tree are installed: those reached from the project, without what does not run on the target. */
import type { DependencyKind } from "../model.ts";

/** What the places of a tree say of their dependencies. */
export interface PlacedPackage {
  readonly link?: boolean | undefined;
  readonly resolved?: string | boolean | undefined;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly devDependencies?: Readonly<Record<string, string>> | undefined;
  readonly optionalDependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined;
}

export interface LockEdge {
  readonly to: string;
  /** Whether the package does without it. */
  readonly isOptional: boolean;
}

/** By place. `isMember`: whether a folder belongs to the workspace; `missing` is told of what a package cannot do without and the tree has not. */
export function edgesOf(
  tree: ReadonlyMap<string, PlacedPackage>,
  omit: ReadonlySet<DependencyKind>,
  isMember: (path: string) => boolean,
  missing: (from: string, name: string) => never,
): ReadonlyMap<string, readonly LockEdge[]> {
  return new Map(Array.from(tree, ([path, entry]) => [path, edgesFrom(path, entry)]));

  function edgesFrom(path: string, entry: PlacedPackage): readonly LockEdge[] {
    // A link's dependencies are those of what it leads to.
    if (entry.link === true) return [{ to: String(entry.resolved), isOptional: false }];
    const optional = Object.keys(entry.optionalDependencies ?? {});
    const needed = Object.keys(entry.dependencies ?? {}).filter((name) => !optional.includes(name));
    const peers = Object.keys(entry.peerDependencies ?? {});
    const isProject = !path.includes("node_modules");
    return [
      ...needed.flatMap((name) => edgeTo(path, name, false)),
      ...(omit.has("optional") ? [] : optional.flatMap((name) => edgeTo(path, name, true))),
      // With legacy-peer-deps a lock has no peers.
      ...(omit.has("peer") ? [] : peers.flatMap((name) => edgeTo(path, name, true))),
      ...(omit.has("dev") || !isProject
        ? []
        : Object.keys(entry.devDependencies ?? {}).flatMap((name) => edgeTo(path, name, false))),
      ...(path === "" ? memberLinks() : []),
    ];
  }

  /** A workspace's project installs all of its members. */
  function memberLinks(): readonly LockEdge[] {
    return [...tree].flatMap(([path, { link, resolved }]) =>
      link === true && typeof resolved === "string" && path.startsWith("node_modules/") && isMember(resolved)
        ? [{ to: path, isOptional: false }]
        : [],
    );
  }

  function edgeTo(path: string, name: string, isOptional: boolean): readonly LockEdge[] {
    const to = findFrom(path, name);
    if (to !== undefined) return [{ to, isOptional }];
    return isOptional ? [] : missing(path, name);
  }

  /** As Node looks for it: in `node_modules` beside or below, folder by folder upwards. */
  function findFrom(path: string, name: string): string | undefined {
    // Places are in normal form: many are asked for, and node:path would look at each letter again.
    for (let folder = path; folder !== ""; folder = folder.slice(0, Math.max(folder.lastIndexOf("/"), 0))) {
      const candidate = `${folder}/node_modules/${name}`;
      if (!/(?:^|\/)node_modules$/.test(folder) && tree.has(candidate)) return candidate;
    }
    const candidate = `node_modules/${name}`;
    return tree.has(candidate) ? candidate : undefined;
  }
}

/**
 * The places that are installed for `start`. What does not run on the target goes, and so does what cannot do without it, up to
 * the edges that are optional; `unfit` is told where there is no such edge.
 */
export function installable(
  start: string,
  edges: ReadonlyMap<string, readonly LockEdge[]>,
  isFit: (path: string) => boolean,
  unfit: (path: string) => never,
): ReadonlySet<string> {
  const broken = withDependents(
    [...edges.keys()].filter((path) => !isFit(path)),
    edges,
  );
  const culprit = broken.get(start);
  if (culprit !== undefined) unfit(culprit);
  const reached = new Set([start]);
  for (const path of reached) {
    for (const { to } of edges.get(path) ?? []) if (!broken.has(to)) reached.add(to);
  }
  return reached;
}

/** All that needs one of them, each with the one that it needs. */
function withDependents(
  unfit: readonly string[],
  edges: ReadonlyMap<string, readonly LockEdge[]>,
): ReadonlyMap<string, string> {
  const dependents = new Map<string, string[]>();
  for (const [from, out] of edges) {
    for (const { to, isOptional } of out) {
      if (isOptional) continue;
      const known = dependents.get(to);
      if (known === undefined) dependents.set(to, [from]);
      else known.push(from);
    }
  }
  const broken = new Map(unfit.map((path) => [path, path]));
  for (const [path, culprit] of broken) {
    for (const dependent of dependents.get(path) ?? []) if (!broken.has(dependent)) broken.set(dependent, culprit);
  }
  return broken;
}
