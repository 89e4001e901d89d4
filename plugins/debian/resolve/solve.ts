/**
 * Looks for a marking without problems. apt marks packages once and then lets its problem resolver loose on what is
 * broken; in an empty root that comes down to giving up one of two packages that exclude each other.
 */
import { firstProblem, reachedMembers } from "./closure.ts";
import type { Members } from "./closure.ts";
import type { Alternatives } from "./dependency.ts";
import { markPackages } from "./marking.ts";
import type { Marking } from "./marking.ts";
import type { Matcher } from "./matching.ts";
import { newestOf } from "./package-index.ts";
import type { PackageIndex } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { rootOf } from "./problem.ts";
import type { RootProblem } from "./problem.ts";
import { requestedPackages } from "./request.ts";
import type { Request } from "./request.ts";

export interface ClosureRequest {
  readonly index: PackageIndex;
  /** `name`, `name=version` or `name:architecture`, in the user's order. */
  readonly packages: readonly string[];
  /** Take what is recommended too, as apt does by default. */
  readonly recommends: boolean;
  /** Names that are never taken. A dependency that only they could fulfil counts as fulfilled. */
  readonly exclude: readonly string[];
  /** Add what debootstrap starts from: `Essential: yes` and `Priority: required`. */
  readonly essential: boolean;
  /** Versions to keep where the archives still have them and nothing speaks against it. */
  readonly prefer: ReadonlyMap<string, string>;
  /** Names that are there without a package, in whatever version is wanted. */
  readonly satisfied: readonly string[];
}

export interface Solution {
  /** By name; undefined for what `essential` adds. */
  readonly requests: ReadonlyMap<string, Request | undefined>;
  readonly marking: Marking;
  readonly members: Members;
  readonly problem: RootProblem | undefined;
}

const MOST_ATTEMPTS = 64;

/**
 * Of two packages that exclude each other, the weaker one is taken out; where something then lacks it, everything is
 * marked again without it. Fewest given up first. Without success, the first problem that was met is the answer.
 */
export function solve(request: ClosureRequest, matches: Matcher, locked: ReadonlyMap<string, string>): Solution {
  const queue: ReadonlySet<string>[] = [new Set()];
  const tried = new Set<string>();
  let first: Solution | undefined;
  for (const avoided of queue) {
    const key = Array.from(avoided).toSorted().join(" ");
    if (tried.has(key)) continue;
    if (tried.size === MOST_ATTEMPTS) break;
    tried.add(key);
    const attempt = markAll(request, matches, locked, avoided);
    const solution = attempt.check(attempt.marking);
    if (solution.problem === undefined) return solution;
    first ??= solution;
    for (const name of opponents(solution)) {
      const smaller = attempt.check(withoutPackage(attempt.marking, name));
      if (smaller.problem === undefined) return smaller;
      queue.push(new Set([...avoided, name]));
    }
  }
  if (first === undefined) throw new Error("No attempt was made");
  return first;
}

interface Attempt {
  readonly marking: Marking;
  check(marking: Marking): Solution;
}

function markAll(
  request: ClosureRequest,
  matches: Matcher,
  locked: ReadonlyMap<string, string>,
  avoided: ReadonlySet<string>,
): Attempt {
  const { index, recommends } = request;
  const excluded = new Set(request.exclude);
  const satisfied = new Set(request.satisfied);
  const candidateOf = (name: string): PackageRecord | undefined => {
    if (avoided.has(name) || excluded.has(name)) return undefined;
    const version = locked.get(name);
    return index.packages.get(name)?.find((record) => record.version === version) ?? newestOf(index, name);
  };
  const isWaived = (alternatives: Alternatives): boolean =>
    alternatives.some(({ name }) => satisfied.has(name)) || needsExcluded(alternatives, matches, excluded);

  const requests = requestedPackages(request, candidateOf);
  const requested = Array.from(requests, ([name, found]) => found?.record ?? candidateOf(name)).filter(
    (record) => record !== undefined,
  );
  const check = (marking: Marking): Solution => {
    const members = reachedMembers(index, marking, requested, recommends);
    const problem = firstProblem(index, matches, members, isWaived);
    const root = problem === undefined ? undefined : rootOf(problem, marking, matches);
    return { requests, marking, members, problem: root };
  };
  return { marking: markPackages({ index, matches, requested, recommends, candidateOf, isWaived }), check };
}

function withoutPackage(marking: Marking, name: string): Marking {
  return {
    ...marking,
    fulfilling: (relation) => marking.fulfilling(relation).filter((record) => record.name !== name),
  };
}

/** True where nothing but excluded packages could fulfil a dependency. */
export function needsExcluded(alternatives: Alternatives, matches: Matcher, excluded: ReadonlySet<string>): boolean {
  if (excluded.size === 0) return false;
  const records = alternatives.flatMap((relation) => matches(relation));
  return records.length > 0 && records.every(({ name }) => excluded.has(name));
}

/** Who could give way: of two that exclude each other, those not asked for, the weaker first. */
function opponents({ problem, requests, members }: Solution): readonly string[] {
  if (problem === undefined || problem.kind === "unmet") return [];
  return [problem.exclusion.other, problem.exclusion.record]
    .filter(({ name }) => !requests.has(name))
    .toSorted((a, b) => strengthOf(a, members) - strengthOf(b, members))
    .map(({ name }) => name);
}

/** apt's points for priorities 0 to 5. */
const POINTS = [0, 3, 2, 1, -1, -2];

/** How apt's problem resolver scores a package, in the main: its importance and how many need it. */
function strengthOf(record: PackageRecord, members: Members): number {
  let strength = (record.essential || record.important ? 5100 : 0) + (POINTS[record.priority] ?? 0);
  for (const { edges } of members.values()) {
    strength += edges.filter(({ target }) => target === record).length;
  }
  return strength;
}

/** The locked versions less those that stand in the way; undefined where none is locked. */
export function unlock(
  index: PackageIndex,
  matches: Matcher,
  locked: ReadonlyMap<string, string>,
  { problem, marking }: Solution,
): ReadonlyMap<string, string> | undefined {
  const isLocked = (name: string): boolean => {
    const version = locked.get(name);
    return index.packages.get(name)?.some((record) => record.version === version) === true;
  };
  if (!Array.from(locked.keys()).some(isLocked)) return undefined;
  const needs = Array.from(marking.failures.values(), ({ alternatives }) => alternatives);
  const blocking = new Set(needs.flat().flatMap((relation) => matches(relation).map(({ name }) => name)));
  if (problem?.kind === "conflict") {
    blocking.add(problem.exclusion.record.name).add(problem.exclusion.other.name);
  }
  const freed = Array.from(blocking).filter(isLocked);
  return new Map(Array.from(locked).filter(([name]) => freed.length > 0 && !freed.includes(name)));
}
