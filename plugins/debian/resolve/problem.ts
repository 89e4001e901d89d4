/** Says why there is no closure: the conflict, or the dependency that nothing fulfils, with the chain that led there. */
import { ImageDslError } from "../../../core/index.ts";
import type { Problem } from "./closure.ts";
import { alternativesText, relationText } from "./dependency.ts";
import type { Alternatives } from "./dependency.ts";
import type { Cause, Exclusion, Marking } from "./marking.ts";
import type { Matcher } from "./matching.ts";
import type { PackageIndex } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";

/** What is wrong at bottom. */
export type RootProblem =
  | { readonly kind: "unmet"; readonly need: Cause; readonly chain: readonly string[] }
  /** `chains`: for both, from what was asked for, by name. */
  | {
      readonly kind: "conflict";
      readonly exclusion: Exclusion;
      readonly chains: ReadonlyMap<string, readonly string[]>;
    };

/** Follows a problem down through what could not be installed. */
export function rootOf(problem: Problem, marking: Marking, matches: Matcher): RootProblem {
  if (problem.kind === "conflict") return conflict(problem.exclusion, marking, []);
  const chain = [...chainTo(problem.need.record, marking)];
  const seen = new Set([problem.need.record]);
  let { need } = problem;
  for (;;) {
    const wanted = need.alternatives.flatMap((relation) => matches(relation));
    const refused = wanted.find(({ name }) => marking.refusals.has(name));
    const exclusion = refused === undefined ? undefined : marking.refusals.get(refused.name);
    if (refused !== undefined && exclusion !== undefined) return conflict(exclusion, marking, [...chain, refused.name]);
    const failed = wanted.find((record) => marking.failures.has(record.name) && !seen.has(record));
    const next = failed === undefined ? undefined : marking.failures.get(failed.name);
    if (failed === undefined || next === undefined) return { kind: "unmet", need, chain };
    seen.add(failed);
    chain.push(failed.name);
    need = next;
  }
}

/** `known` is the chain to one of the two, where that was never marked. */
function conflict(exclusion: Exclusion, marking: Marking, known: readonly string[]): RootProblem {
  const chains = new Map<string, readonly string[]>();
  for (const side of [exclusion.record, exclusion.other]) {
    chains.set(side.name, known.at(-1) === side.name ? known : chainTo(side, marking));
  }
  return { kind: "conflict", exclusion, chains };
}

/** From what was asked for to the package, by name. */
function chainTo(record: PackageRecord, marking: Marking): readonly string[] {
  const names = new Set([record.name]);
  let cause = marking.causes.get(record.name);
  while (cause !== undefined && !names.has(cause.record.name)) {
    names.add(cause.record.name);
    cause = marking.causes.get(cause.record.name);
  }
  return Array.from(names).toReversed();
}

export function problemError(root: RootProblem, index: PackageIndex, matches: Matcher): ImageDslError {
  if (root.kind === "unmet") {
    const { alternatives, field, record } = root.need;
    return new ImageDslError(
      "E_DEBIAN_UNSATISFIABLE",
      `Nothing fulfils "${field}: ${alternativesText(alternatives)}" of ${record.name} ${record.version} ` +
        `(${chainText(root.chain)}): ${lackText(alternatives, index, matches)}`,
      { hint: "Check the suite, its updates and components, and the versions asked for" },
    );
  }
  const { record, field, relation, other } = root.exclusion;
  const provided = relation.name === other.name ? "" : `, which provides ${relation.name}`;
  const chains = [record, other].map(({ name }) => `${name} is ${chainText(root.chains.get(name) ?? [name])}`);
  return new ImageDslError(
    "E_DEBIAN_CONFLICT",
    `Packages "${record.name}" and "${other.name}" cannot be in one image: ${record.name} ${record.version} has ` +
      `"${field}: ${relationText(relation)}", and there is ${other.name} ${other.version}${provided}; ${chains.join(", ")}`,
    { hint: `Leave out what needs "${record.name}" or what needs "${other.name}"` },
  );
}

/** The ends matter; what is between them in a very long chain does not. */
const LONGEST_CHAIN = 16;

function chainText(chain: readonly string[]): string {
  const owners = chain.slice(0, -1);
  if (owners.length === 0) return "asked for";
  const left = owners.length - LONGEST_CHAIN;
  const half = LONGEST_CHAIN / 2;
  const shown = left > 0 ? [...owners.slice(0, half), `(${left} more)`, ...owners.slice(-half)] : owners;
  return `needed by ${shown.join(" → ")}`;
}

function lackText(alternatives: Alternatives, index: PackageIndex, matches: Matcher): string {
  return alternatives
    .map((relation) => {
      const versions = index.packages.get(relation.name)?.map(({ version }) => version) ?? [];
      if (matches(relation).length > 0) return `"${relation.name}" is not to be taken in a version that fits`;
      if (versions.length > 0) return `the archives have "${relation.name}" ${versions.join(", ")}`;
      if (index.provisions.has(relation.name)) return `no provider of "${relation.name}" fits`;
      return `the archives have no "${relation.name}"`;
    })
    .join("; ");
}
