/**
 * Where Yarn 1 puts each package (package-hoister.js): as high as its name is free, level by level, in an order of its own. Nothing here may
 * be simplified that it does not: other trees would be right, too, and not be Yarn's.
 */
import { isWithin, type LimitName, type Pausing } from "../../../../core/index.ts";
import type { ClassicGraph, ClassicPackage } from "./graph.ts";

/** One package at one place. */
export interface Hoisted {
  readonly package: ClassicPackage;
  /** Names from the root down: `["debug", "ms"]` is `node_modules/debug/node_modules/ms`. */
  parts: readonly string[];
  /** Whether the project itself asks for it. */
  readonly isDirect: boolean;
  /** Whether it is installed; the others only keep their places, as if they were. */
  isRequired: boolean;
}

export interface HoistRules {
  /** What the project asks for: patterns in its order. */
  readonly patterns: readonly string[];
  /** Patterns that are asked for and not installed, for production. */
  readonly ignored: ReadonlySet<ClassicPackage>;
  /** What does not run on the target. */
  readonly unfit: ReadonlySet<ClassicPackage>;
  readonly omitsOptional: boolean;
  readonly peersOf: (each: ClassicPackage) => readonly string[];
  /** Told where packages need each other without an end. */
  readonly tooDeep: (pattern: string) => never;
  /** Told where they come to more than anybody's: two that need each other in two versions each have no end of places. */
  readonly tooMuch: (pattern: string, limit: LimitName) => never;
}

/** Of a level that is looked at, for each name of the key that is joined there. */
const STEPS_OF_NAME = 40;

/** All places. */
export function* hoistClassic({ byPattern }: ClassicGraph, rules: HoistRules): Pausing<readonly Hoisted[]> {
  const { ignored, unfit, omitsOptional, peersOf } = rules;
  const tree = new Map<string, Hoisted>();
  const tainted = new Map<string, ClassicPackage>();
  let queue: (readonly [pattern: string, parent: Hoisted])[] = [];
  let steps = 0;
  const direct = distinct(rules.patterns);
  seedMostUsed(direct.toSorted(byCode));
  for (const pattern of direct) seed(pattern, undefined, true);
  while (queue.length > 0) {
    const level = inPeersOrder(queue.toSorted(([a], [b]) => byCode(a, b)));
    queue = [];
    for (const [pattern, parent] of level) {
      if (!tree.has(keyOf(parent.parts))) continue;
      place(seed(pattern, parent, false));
      yield;
    }
  }
  spreadRequired();
  return [...tree.values()];

  function packageOf(pattern: string): ClassicPackage {
    return byPattern.get(pattern)!;
  }

  function distinct(patterns: readonly string[]): readonly string[] {
    const seen = new Set<ClassicPackage>();
    return patterns.filter((pattern) => !seen.has(packageOf(pattern)) && seen.add(packageOf(pattern)));
  }

  function mayMiss(each: ClassicPackage): boolean {
    return each.isOptional && omitsOptional;
  }

  function seed(pattern: string, parent: Hoisted | undefined, isDirect: boolean): Hoisted {
    const found = packageOf(pattern);
    const isAsked = (isDirect && !ignored.has(found)) || (parent?.isRequired ?? false);
    const isRequired = isAsked && !unfit.has(found) && !mayMiss(found);
    const made: Hoisted = { package: found, parts: [...(parent?.parts ?? []), found.name], isDirect, isRequired };
    tree.set(keyOf(made.parts), made);
    taint(made.parts, found);
    for (const each of new Set(found.dependencies)) queue.push([each, made]);
    steps += STEPS_OF_NAME * made.parts.length ** 2;
    if (!isWithin("npm.hoisting", steps)) rules.tooMuch(pattern, "npm.hoisting");
    if (!isWithin("npm.packages", tree.size)) rules.tooMuch(pattern, "npm.packages");
    if (!isWithin("npm.packages", queue.length)) rules.tooMuch(pattern, "npm.packages");
    return made;
  }

  /** Without peers first. Yarn looks for peers' names among patterns, and so finds none. */
  function inPeersOrder(level: typeof queue): typeof queue {
    const hasPeers = ([pattern]: (typeof queue)[number]) => peersOf(packageOf(pattern)).length > 0;
    return [...level.filter((each) => !hasPeers(each)), ...level.filter(hasPeers)];
  }

  function place(info: Hoisted): void {
    const before = info.parts;
    tree.delete(keyOf(before));
    const same = sameAbove(info);
    const after = same?.parts ?? highestParts(info);
    if (keyOf(after) !== keyOf(before)) {
      for (let length = after.length - 1; length < before.length - 1; length++)
        taint([...before.slice(0, length), info.package.name], info.package);
    }
    if (same !== undefined) {
      same.isRequired ||= info.isRequired;
      return;
    }
    info.parts = after;
    tree.set(keyOf(after), info);
  }

  /** The same version further up, where nothing hides it. */
  function sameAbove({ parts, package: own }: Hoisted): Hoisted | undefined {
    for (let length = parts.length - 2; length >= 0; length--) {
      const key = keyOf([...parts.slice(0, length), own.name]);
      const existing = tree.get(key);
      if (existing !== undefined) return identity(existing.package) === identity(own) ? existing : undefined;
      if (isTaintedByOther(key, own)) return undefined;
    }
    return undefined;
  }

  function highestParts({ parts: before, package: own }: Hoisted): readonly string[] {
    const parents = before.slice(0, -1);
    const peers = peersOf(own);
    let depth = parents.length;
    let mustStepDown = false;
    while (depth > 0) {
      // Beside a peer it stays.
      if (peers.some((peer) => tree.has(keyOf([...parents.slice(0, depth), peer])))) break;
      const key = keyOf([...parents.slice(0, depth), own.name]);
      if (tree.has(key) || (key !== keyOf(before) && tainted.has(key))) {
        mustStepDown = true;
        break;
      }
      depth--;
    }
    const isFree = (at: number): boolean => {
      const key = keyOf([...parents.slice(0, at), own.name]);
      const existing = tree.get(key);
      return (existing !== undefined && identity(existing.package) === identity(own)) || !isTaintedByOther(key, own);
    };
    mustStepDown ||= !isFree(depth);
    while (mustStepDown && depth < parents.length) {
      depth++;
      if (isFree(depth)) mustStepDown = false;
    }
    return [...parents.slice(0, depth), own.name];
  }

  function taint(parts: readonly string[], by: ClassicPackage): void {
    const key = keyOf(parts);
    if (!isTaintedByOther(key, by)) tainted.set(key, by);
  }

  function isTaintedByOther(key: string, own: ClassicPackage): boolean {
    const other = tainted.get(key);
    return other !== undefined && identity(other) !== identity(own);
  }

  /** Of packages in several versions the one that most others use stands at the root from the start. */
  function seedMostUsed(patterns: readonly string[]): void {
    const uses = usesOf(patterns, byPattern, rules.tooDeep);
    const roots = new Set(patterns.map((pattern) => packageOf(pattern).name));
    for (const name of [...uses.keys()].toSorted(byCode)) {
      const versions = uses.get(name)!;
      if (versions.size === 1 || tree.has(name) || roots.has(name)) continue;
      let most: { readonly pattern: string; readonly users: ReadonlySet<ClassicPackage> } | undefined;
      for (const version of [...versions.keys()].toSorted(byCode)) {
        const use = versions.get(version)!;
        if (most === undefined || most.users.size === 0 || use.users.size > most.users.size) most = use;
      }
      if (most!.users.size > 1) seed(most!.pattern, undefined, false);
    }
  }

  /** What was put somewhere for one who is not installed may be what another one finds. */
  function spreadRequired(): void {
    const waiting = [...tree.values()].filter(({ isRequired }) => isRequired);
    for (const info of waiting) {
      for (const pattern of info.package.dependencies) {
        const found = seenFrom(info.parts, packageOf(pattern).name);
        if (found === undefined || found.isRequired || unfit.has(found.package)) continue;
        if (mayMiss(found.package) && found.package.isOptionalFirst) continue;
        found.isRequired = true;
        waiting.push(found);
      }
    }
  }

  function seenFrom(parts: readonly string[], name: string): Hoisted | undefined {
    for (let length = parts.length; length >= 0; length--) {
      const found = tree.get(keyOf([...parts.slice(0, length), name]));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** By name and version: who asks for it, and the pattern by which it was met first. */
type Uses = ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly pattern: string; readonly users: ReadonlySet<ClassicPackage> }>
>;

function usesOf(
  patterns: readonly string[],
  byPattern: ReadonlyMap<string, ClassicPackage>,
  tooDeep: HoistRules["tooDeep"],
): Uses {
  const uses = new Map<string, Map<string, { pattern: string; users: Set<ClassicPackage> }>>();
  const visited = new Set<string>();
  /** What of a package's has not been seen from it yet: what was above it then. Another one of its patterns adds nothing else. */
  const unseen = new Map<ClassicPackage, readonly string[]>();
  for (const pattern of patterns) isSeen(pattern, []);
  return uses;

  function isSeen(pattern: string, above: readonly ClassicPackage[]): boolean {
    const own = byPattern.get(pattern)!;
    if (above.includes(own)) return false;
    if (!isWithin("npm.depth", above.length)) tooDeep(pattern);
    const versions = uses.get(own.name) ?? new Map<string, { pattern: string; users: Set<ClassicPackage> }>();
    uses.set(own.name, versions);
    const use = versions.get(own.version) ?? { pattern, users: new Set() };
    versions.set(own.version, use);
    const user = above.at(-1);
    if (user !== undefined) use.users.add(user);
    if (visited.has(pattern)) return true;
    const left = unseen.get(own) ?? own.dependencies;
    if (left.length > 0) {
      const path = [...above, own];
      unseen.set(
        own,
        left.filter((each) => !isSeen(each, path)),
      );
    }
    visited.add(pattern);
    return true;
  }
}

/** Two that are equal in it are the same files. */
export function identity({ name, version, source }: ClassicPackage): string {
  const from = source.kind === "locked" ? source.entry.resolved : source.kind === "whole" ? "" : source.folder;
  return `${name}@${version} ${from ?? ""}`;
}

export function keyOf(parts: readonly string[]): string {
  return parts.join("#");
}

export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
