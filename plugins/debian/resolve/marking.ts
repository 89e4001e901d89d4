/**
 * Marks packages for installation the way apt's dependency cache does (apt 2.6, `pkgDepCache::MarkInstall`), for a
 * system on which nothing is installed. Depth first, in the order of the fields; the first solution that can be
 * installed is taken; what cannot be installed loses its candidate for good. What apt calls protected is what the
 * user asked for, and whatever that needs without a choice: such packages push aside what conflicts with them.
 */
import type { Alternatives, Relation } from "./dependency.ts";
import type { Matcher } from "./matching.ts";
import { conflictsOf, dependenciesIn } from "./needs.ts";
import type { Need } from "./needs.ts";
import type { PackageIndex, RelationField } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { compareProviders } from "./provider-order.ts";

export interface MarkingOptions {
  readonly index: PackageIndex;
  readonly matches: Matcher;
  /** What the user asked for, in that order. */
  readonly requested: readonly PackageRecord[];
  readonly recommends: boolean;
  /** The version to be taken of a name, or undefined where the name must not be taken at all. */
  readonly candidateOf: (name: string) => PackageRecord | undefined;
  /** True where a dependency counts as fulfilled without any package. */
  readonly isWaived: (alternatives: Alternatives) => boolean;
}

/** A dependency of a package. */
export interface Cause {
  readonly record: PackageRecord;
  readonly field: RelationField;
  readonly alternatives: Alternatives;
}

/** Two packages that exclude each other: `record` says so of `other`. */
export interface Exclusion {
  readonly record: PackageRecord;
  readonly field: RelationField;
  readonly relation: Relation;
  readonly other: PackageRecord;
}

export interface Marking {
  readonly installed: ReadonlyMap<string, PackageRecord>;
  /** The dependency for which a package was first tried. */
  readonly causes: ReadonlyMap<string, Cause>;
  /** Why a package was put aside. */
  readonly refusals: ReadonlyMap<string, Exclusion>;
  /** The dependency for which a package could not be installed. */
  readonly failures: ReadonlyMap<string, Cause>;
  /** What fulfils a relation among the installed, best first. */
  fulfilling(relation: Relation): readonly PackageRecord[];
}

interface State {
  firstCandidate: PackageRecord | undefined;
  candidate: PackageRecord | undefined;
  installed: PackageRecord | undefined;
  isProtected: boolean;
}

/** One call of `markInstall`. The calls nest thousands deep, so they run on a stack of our own. */
interface Call {
  readonly name: string;
  /** Its dependencies too. */
  readonly deep: boolean;
  readonly byUser: boolean;
}

type Step = Generator<Call, boolean, boolean>;

export function markPackages(options: MarkingOptions): Marking {
  const { index, matches, recommends } = options;
  const states = new Map<string, State>();
  const installed = new Map<string, PackageRecord>();
  const causes = new Map<string, Cause>();
  const refusals = new Map<string, Exclusion>();
  const failures = new Map<string, Cause>();

  for (const record of options.requested) {
    const state = stateOf(record.name);
    state.firstCandidate = record;
    state.candidate = record;
    state.isProtected = true;
    setInstalled(record.name, record);
  }
  for (const { name } of options.requested) run({ name, deep: true, byUser: true });
  return { installed, causes, refusals, failures, fulfilling };

  function run(first: Call): void {
    const stack: Step[] = [markInstall(first)];
    let answer: boolean | undefined;
    for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
      const result = answer === undefined ? step.next() : step.next(answer);
      if (result.done === true) {
        stack.pop();
        answer = result.value;
      } else {
        stack.push(markInstall(result.value));
        answer = undefined;
      }
    }
  }

  function* markInstall({ name, deep, byUser }: Call): Step {
    const state = stateOf(name);
    if (!byUser && state.installed === undefined && state.isProtected) return false;
    const { candidate } = state;
    if (candidate === undefined) return false;
    if (!state.isProtected && state.installed !== undefined && !isBroken(state.installed)) return true;
    if (deep && !hasSolutions(candidate, state)) return false;
    if (!deep) {
      setInstalled(name, candidate);
      return true;
    }

    const mayFail = !state.isProtected && !byUser;
    const needs = collectNeeds(candidate, state.isProtected);
    if (!removeConflicts(candidate, state.isProtected, byUser) && mayFail) return false;
    setInstalled(name, candidate);
    const wasProtected = state.isProtected;
    state.isProtected = true;
    const done = yield* installNeeds(candidate, needs, wasProtected, byUser);
    state.isProtected = wasProtected;
    if (!done && mayFail) {
      setInstalled(name, undefined);
      state.candidate = undefined;
    }
    return done;
  }

  /**
   * False, and the candidate given up, where some dependency never had a solution. apt does not look here whether
   * one that it had was given up since.
   */
  function hasSolutions(candidate: PackageRecord, state: State): boolean {
    for (const need of dependenciesOf(candidate)) {
      if (need.field === "Recommends" || options.isWaived(need.alternatives)) continue;
      if (need.alternatives.some((relation) => matches(relation).some(wasCandidate))) continue;
      failures.set(candidate.name, { record: candidate, ...need });
      if (!state.isProtected) {
        state.candidate = undefined;
        setInstalled(candidate.name, undefined);
      }
      return false;
    }
    return true;
  }

  /** What is protected looks at all its dependencies, to protect what they leave no choice about. */
  function collectNeeds(candidate: PackageRecord, all: boolean): readonly Need[] {
    return dependenciesOf(candidate).filter(({ alternatives }) => all || !isFulfilled(alternatives));
  }

  function removeConflicts(candidate: PackageRecord, all: boolean, byUser: boolean): boolean {
    let removed = true;
    for (const { field, alternatives } of conflictsOf(index, candidate)) {
      for (const relation of alternatives) {
        const others = matches(relation).filter(({ name }) => name !== candidate.name);
        if (!all && !others.some(isInstalled)) continue;
        // apt's order of providers, as far as it counts here: nothing is taken away where something is to stay.
        const stayingFirst = others.filter(isCandidate).toSorted((a, b) => Number(isStaying(b)) - Number(isStaying(a)));
        for (const other of stayingFirst) {
          const state = stateOf(other.name);
          const exclusion = { record: candidate, field, relation, other };
          if (isStaying(other)) {
            removed = false;
            if (all || byUser) continue;
            refusals.set(candidate.name, exclusion);
            return false;
          }
          refusals.set(other.name, exclusion);
          setInstalled(other.name, undefined);
          if (all) {
            state.candidate = undefined;
            state.isProtected = true;
          }
        }
      }
    }
    return removed;
  }

  function* installNeeds(owner: PackageRecord, needs: readonly Need[], isProtected: boolean, byUser: boolean): Step {
    let done = true;
    for (const need of needs) {
      const isHard = need.field !== "Recommends";
      const cause = { record: owner, ...need };
      if (isFulfilled(need.alternatives)) {
        if (!isProtected || !isHard) continue;
        const only = onlySolution(need.alternatives);
        if (only === undefined || stateOf(only).isProtected) continue;
        stateOf(only).isProtected = true;
        if (!(yield { name: only, deep: true, byUser: false })) done = false;
        continue;
      }
      const solutions = solutionsOf(need.alternatives);
      let found = false;
      for (const { name } of solutions) {
        if (stateOf(name).candidate === undefined) continue;
        const call = { name, deep: true, byUser: false };
        if (!causes.has(name) && !isRequested(name)) causes.set(name, cause);
        if (isProtected && isHard && solutions.length === 1) {
          if (!(yield { ...call, deep: false })) continue;
          stateOf(name).isProtected = true;
        }
        if (!(yield call)) continue;
        found = true;
        break;
      }
      if (found || !isHard) continue;
      failures.set(owner.name, cause);
      done = false;
      if (!isProtected && !byUser) break;
    }
    return done;
  }

  /** In the order of the alternatives, then of the providers. apt leaves out repetitions that stand side by side. */
  function solutionsOf(alternatives: Alternatives): readonly PackageRecord[] {
    const solutions: PackageRecord[] = [];
    for (const relation of alternatives) {
      for (const record of bestFirst(relation, isCandidate)) {
        const { isProtected, installed: chosen } = stateOf(record.name);
        const isBarred = isProtected && chosen === undefined;
        if (!isBarred && solutions.at(-1) !== record) solutions.push(record);
      }
    }
    return solutions;
  }

  function onlySolution(alternatives: Alternatives): string | undefined {
    const solutions = new Set(solutionsOf(alternatives));
    const [first] = solutions;
    return solutions.size === 1 && !options.isWaived(alternatives) ? first?.name : undefined;
  }

  function isBroken(record: PackageRecord): boolean {
    if (dependenciesOf(record).some(({ alternatives }) => !isFulfilled(alternatives))) return true;
    return conflictsOf(index, record).some(({ alternatives }) =>
      alternatives.some((relation) =>
        matches(relation).some((other) => other.name !== record.name && isInstalled(other)),
      ),
    );
  }

  function isFulfilled(alternatives: Alternatives): boolean {
    return options.isWaived(alternatives) || alternatives.some((relation) => matches(relation).some(isInstalled));
  }

  function dependenciesOf(record: PackageRecord): readonly Need[] {
    return dependenciesIn(index, record, recommends);
  }

  function fulfilling(relation: Relation): readonly PackageRecord[] {
    return bestFirst(relation, isInstalled);
  }

  function bestFirst(relation: Relation, isWanted: (record: PackageRecord) => boolean): readonly PackageRecord[] {
    const wanted = matches(relation).filter(isWanted);
    if (wanted.length < 2) return wanted;
    return wanted.toSorted((a, b) => compareProviders(relation, a, b, (name) => stateOf(name).isProtected, index));
  }

  function isRequested(name: string): boolean {
    return options.requested.some((record) => record.name === name);
  }

  function isStaying({ name }: PackageRecord): boolean {
    const state = stateOf(name);
    return state.installed !== undefined && state.isProtected;
  }

  function isInstalled(record: PackageRecord): boolean {
    return installed.get(record.name) === record;
  }

  function isCandidate(record: PackageRecord): boolean {
    return stateOf(record.name).candidate === record;
  }

  function wasCandidate(record: PackageRecord): boolean {
    return stateOf(record.name).firstCandidate === record;
  }

  function setInstalled(name: string, record: PackageRecord | undefined): void {
    stateOf(name).installed = record;
    if (record === undefined) installed.delete(name);
    else installed.set(name, record);
  }

  function stateOf(name: string): State {
    let state = states.get(name);
    if (state === undefined) {
      const candidate = options.candidateOf(name);
      state = { firstCandidate: candidate, candidate, installed: undefined, isProtected: false };
      states.set(name, state);
    }
    return state;
  }
}
