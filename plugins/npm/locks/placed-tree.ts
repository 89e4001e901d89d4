/**
 * A tree whose places a lock says outright, as npm's and Bun's do: nothing is hoisted here. What is installed is what can be reached by
 * edges that are not omitted.
 */
import { posix } from "node:path";
import { giveTurn, interruptible } from "../../../core/index.ts";
import type {
  GitOrigin,
  InstallPlan,
  LockedPackage,
  PackageId,
  PackageOrigin,
  PackagePatch,
  Place,
  Selection,
} from "../model.ts";
import { isInnerPath, isWebAddress, nameOfPlace, normalizedBin } from "../names.ts";
import { fitsSystem, type SystemLimits } from "../platform.ts";
import { disagreement, type DependencyLists } from "./agreement.ts";
import { lockError, refuseSameName, unfitPackage } from "./lock-error.ts";
import { edgesOf, installable, type PlacedPackage } from "./reach.ts";

/** What a lock says of one place. */
export interface PlacedEntry extends PlacedPackage, SystemLimits {
  /** Its own, where the place has another. */
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly integrity?: string | undefined;
  readonly inBundle?: boolean | undefined;
  readonly bin?: string | Readonly<Record<string, string>> | undefined;
  readonly patch?: PackagePatch | undefined;
  /** Where `resolved` is a repository's. */
  readonly git?: GitOrigin | undefined;
}

export interface PlacedTree {
  /** The lock. */
  readonly file: string;
  readonly root: string;
  /** By place from the root; "" is the project itself. */
  readonly entries: ReadonlyMap<string, PlacedEntry>;
  readonly isMember: (path: string) => boolean;
  /** Where in the lock a place stands, for messages. */
  readonly whereOf: (path: string) => string;
  /** The command that writes the lock anew. */
  readonly regenerate: string;
  readonly signal: AbortSignal;
}

/** For a member, or for "", the whole project, whose package.json is `manifest`. Throws `E_NPM_LOCK`, `E_NPM_PACKAGE`. */
export async function planOfTree(
  tree: PlacedTree,
  member: string,
  manifest: DependencyLists,
  selection: Selection,
): Promise<InstallPlan> {
  const { file, entries, isMember, whereOf, regenerate, signal } = tree;
  await giveTurn(signal);
  const own = entries.get(member);
  if (own === undefined) throw lockError(file, `it has no member "${member}"`, regenerate);
  const different = disagreement(manifest, own, (name) => entries.get(posix.join("node_modules", name))?.version);
  if (different !== undefined) throw lockError(file, different, regenerate);
  refuseSameName(file, memberNames(tree));
  const edges = edgesOf(entries, selection.omit, isMember, (from, name) => {
    throw lockError(file, `it has no "${name}", which ${from === "" ? "the project" : from} needs`, regenerate);
  });
  await giveTurn(signal);
  const isFit = (path: string): boolean => fitsSystem(entries.get(path)!, selection.target);
  const reached = installable(member, edges, isFit, (path) => {
    throw unfitPackage(file, path, selection.target, whereOf(path));
  });

  const ids = new Map<string, PackageId>();
  const packages = new Map<PackageId, LockedPackage>();
  const places: Place[] = [];
  for await (const path of interruptible([...reached].toSorted(), signal)) {
    if (path === member || path === "") continue;
    const entry = entries.get(path)!;
    if (entry.link === true) {
      const target = linkTarget(entry);
      places.push({ path, link: target, package: packageOf(target).id });
      continue;
    }
    const made = packageOf(path);
    const earlier = packages.get(made.id);
    packages.set(made.id, earlier === undefined ? made : { ...made, needs: merged(earlier.needs, made.needs) });
    places.push({ path, package: made.id });
  }
  return { lockFile: file, packages, places, layout: { kind: "npm" } };

  function packageOf(path: string): LockedPackage {
    const entry = entries.get(path)!;
    const name = entry.name ?? nameOfPlace(path) ?? posix.basename(path);
    const origin = originOf(tree, path, entry);
    const id = idAt(path);
    const needs = (edges.get(path) ?? []).filter(({ to }) => reached.has(to)).map(({ to }) => idAt(to));
    return {
      id,
      name,
      version: entry.version ?? "0.0.0",
      origin,
      bin: normalizedBin(name, entry.bin),
      needs: [...new Set(needs)].filter((each) => each !== id).toSorted(),
      ...(entry.patch !== undefined && { patches: [entry.patch] }),
    };
  }

  /** Asked for each edge that leads there. */
  function idAt(path: string): PackageId {
    const known = ids.get(path);
    if (known !== undefined) return known;
    const entry = entries.get(path)!;
    const at = entry.link === true ? linkTarget(entry) : path;
    const target = entries.get(at)!;
    const name = target.name ?? nameOfPlace(at) ?? posix.basename(at);
    const id = idOf(name, at, target, originOf(tree, at, target));
    ids.set(path, id);
    return id;
  }
}

function memberNames({ entries, isMember }: PlacedTree): readonly (readonly [string, string])[] {
  const members = [...entries].filter(([path, { link }]) => link !== true && isMember(path));
  return members.map(([path, { name = posix.basename(path) }]) => [path, name]);
}

/** From the project's folder. */
export function linkTarget({ resolved }: PlacedEntry): string {
  return String(resolved);
}

function merged(a: readonly PackageId[], b: readonly PackageId[]): readonly PackageId[] {
  return [...new Set([...a, ...b])].toSorted();
}

/** What is of the project is known by its place; a tarball from elsewhere may have any version's number. */
function idOf(name: string, path: string, { version = "0.0.0" }: PlacedEntry, origin: PackageOrigin): PackageId {
  if (origin.kind === "folder") return `${name}@${path}`;
  if (origin.kind === "bundled") return `${name}@${version}#${path}`;
  if (origin.kind === "git") return `${name}@${version}#${origin.commit}`;
  const from = origin.kind === "web" ? origin.url : origin.kind === "tarball" ? posix.basename(origin.file) : undefined;
  return from === undefined ? `${name}@${version}` : `${name}@${version}#${from}`;
}

function originOf({ file, root, whereOf }: PlacedTree, path: string, entry: PlacedEntry): PackageOrigin {
  const { resolved, integrity, inBundle, git } = entry;
  const sums = integrity === undefined ? {} : { integrity };
  if (inBundle === true) return { kind: "bundled" };
  if (git !== undefined) return git;
  if (nameOfPlace(path) === undefined) return { kind: "folder", directory: posix.join(root, path) };
  if (typeof resolved !== "string") return { kind: "registry", ...sums };
  if (resolved.startsWith("file:")) {
    const inside = resolved.slice("file:".length);
    const at = posix.join(root, inside);
    if (isInnerPath(inside))
      return isTarball(inside) ? { kind: "tarball", file: at, ...sums } : { kind: "folder", directory: at };
    throw lockError(file, `${path} is the file "${inside}", outside the project`, "Put it into the project's folder");
  }
  if (isWebAddress(resolved)) {
    // A tarball that a dependency names by its address; every other one is the registry's.
    return isRegistryTarball(resolved, path, entry)
      ? { kind: "registry", url: resolved, ...sums }
      : { kind: "web", url: resolved, ...sums };
  }
  throw lockError(
    file,
    `${path} comes from "${resolved.slice(0, 200)}", which is no tarball and no commit of a repository`,
    "Publish it, or depend on a tarball of it",
    whereOf(path),
  );
}

export function isTarball(path: string): boolean {
  return /\.(?:tgz|tar\.gz|tar)$/.test(path);
}

/** Registries serve `NAME/-/FILE.tgz`, wherever they lie. */
function isRegistryTarball(url: string, path: string, entry: PlacedEntry): boolean {
  const name = entry.name ?? nameOfPlace(path)!;
  return new URL(url).pathname.replaceAll(/%2f/gi, "/").includes(`/${name}/-/`);
}
