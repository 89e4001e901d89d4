/**
 * What a package asks for, as Yarn takes it (Configuration.normalizePackage): what the registry says of it, extended where it is known to say
 * too little, with the project's `resolutions` in place.
 */
import { packageExtensions } from "@yarnpkg/extensions";
import { Range, satisfies } from "semver";
import { lockError } from "../lock-error.ts";
import type { YarnPackage } from "./lock-file.ts";
import { boundRange, splitLocator } from "./reference.ts";

/** A package with its dependencies in Yarn's order, which its layout follows. */
export interface AskingPackage {
  readonly locked: YarnPackage;
  /** Ranges by name; a name may be an alias. */
  readonly dependencies: ReadonlyMap<string, string>;
  /** Sorted as Yarn does. */
  readonly peers: readonly string[];
  /** Names of those that it does without. */
  readonly optional: ReadonlySet<string>;
}

/** What a package is extended by, as `packageExtensions` of .yarnrc.yml has it, by `name@range`. */
export type PackageExtensions = readonly (readonly [target: string, extension: Extension])[];

export interface Extension {
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean | undefined }>> | undefined;
}

export interface ProjectRules {
  readonly extensions: PackageExtensions;
  readonly resolutions: readonly Resolution[];
  /** The root's locator. */
  readonly top: string;
  /** Whether the lock has a descriptor. */
  readonly isLocked: (descriptor: string) => boolean;
}

/** Yarn's own list first; what is there already is not written over. */
export function extensionsWith(own: PackageExtensions): PackageExtensions {
  return [...packageExtensions, ...own];
}

export function askingPackage(locked: YarnPackage, rules: ProjectRules): AskingPackage {
  const dependencies = new Map(Object.entries(locked.dependencies).map(([name, range]) => [name, normalRange(range)]));
  const peers = new Map(Object.entries(locked.peerDependencies));
  const peersMeta = new Set(Object.keys(locked.peerDependenciesMeta));
  for (const extension of extensionsOf(locked, rules.extensions)) {
    for (const [name, written] of Object.entries(extension.dependencies ?? {})) {
      const range = normalRange(written);
      // An older Yarn may have written the lock, whose list was shorter.
      if (!dependencies.has(name) && rules.isLocked(`${name}@${range}`)) dependencies.set(name, range);
    }
    for (const [name, range] of Object.entries(extension.peerDependencies ?? {}))
      if (!peers.has(name)) peers.set(name, range);
    for (const name of Object.keys(extension.peerDependenciesMeta ?? {})) peersMeta.add(name);
  }
  for (const name of peersMeta) if (!peers.has(name)) peers.set(name, "*");
  for (const name of peers.keys()) {
    if (name.startsWith("@types/")) continue;
    const types = `@types/${name.replace(/^@/, "").replace("/", "__")}`;
    if (!peers.has(types) && !peersMeta.has(types) && !dependencies.has(types)) peers.set(types, "*");
  }
  const reduced = sorted(dependencies).map(([name, range]): [string, string] => [
    name,
    patchedRange(name, resolvedRange(locked, name, range, rules)),
  ]);
  const marked = Object.entries(locked.dependenciesMeta).filter(([, { optional }]) => optional === "true");
  return {
    locked,
    dependencies: new Map(reduced),
    peers: sorted(peers).map(([name]) => name),
    optional: new Set(marked.map(([name]) => name)),
  };
}

function* extensionsOf({ name, version }: YarnPackage, extensions: PackageExtensions): Iterable<Extension> {
  for (const [target, extension] of extensions) {
    const [extended, range] = splitLocator(target);
    if (extended === name && satisfies(version, range, { includePrerelease: true })) yield extension;
  }
}

/** By `name@range`: not the same order as by name. */
function sorted(entries: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const key = ([name, range]: readonly [string, string]) => `${name}@${range}`;
  return [...entries].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A version or a tag means the registry's. */
export function normalRange(range: string): string {
  return isVersions(range) || /^(?!v)[a-z0-9._-]+$/i.test(range) ? `npm:${range}` : range;
}

function isVersions(range: string): boolean {
  if (range.includes(":")) return false;
  try {
    return new Range(range, { includePrerelease: true }) instanceof Range;
  } catch {
    return false;
  }
}

/** One of `resolutions`: which dependency, of which package, means what. */
export interface Resolution {
  readonly from?: { readonly name: string; readonly reference?: string };
  readonly name: string;
  readonly range?: string;
  readonly to: string;
}

const PATTERN = /^(?:((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?\/)?((?:@[^/@]+\/)?[^/@]+)(?:@(.+))?$/;

/** Throws `E_NPM_LOCK` for one that Yarn does not read either. */
export function readResolutions(file: string, written: Readonly<Record<string, string>>): readonly Resolution[] {
  return Object.entries(written).map(([pattern, to]): Resolution => {
    const [found, from, reference, name, range] = PATTERN.exec(pattern) ?? [];
    if (found === undefined || pattern.startsWith("*")) {
      const what = `package.json has "${pattern.slice(0, 200)}" among its resolutions, which Yarn 4 does not read`;
      throw lockError(file, what, 'Name the dependency, or package and dependency: "debug/ms"');
    }
    return {
      ...(from !== undefined && { from: { name: from, ...(reference && { reference: normalRange(reference) }) } }),
      name: name!,
      ...(range !== undefined && { range: normalRange(range) }),
      to: normalRange(to),
    };
  });
}

function resolvedRange(asking: YarnPackage, name: string, range: string, { resolutions, top }: ProjectRules): string {
  const found = resolutions.find(
    (each) =>
      each.name === name &&
      (each.range ?? range) === range &&
      (each.from?.name ?? asking.name) === asking.name &&
      (each.from?.reference ?? asking.reference) === asking.reference,
  );
  return found === undefined ? boundRange(range, asking.locator) : boundRange(found.to, top);
}

const PATCHED = ["fsevents", "resolve", "typescript"];

/** Yarn patches these itself, for Plug'n'Play; the lock has them under such names. */
function patchedRange(name: string, range: string): string {
  if (!PATCHED.includes(name)) return range;
  const source = `${name}@${range}`.replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll("#", "%23");
  return `patch:${source}#optional!builtin<compat/${name}>`;
}
