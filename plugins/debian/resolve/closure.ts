/**
 * From marked packages to the closure: what the requested ones really reach, which package fulfils which
 * dependency, what is wrong with it if anything, and the order in which packages would be configured.
 */
import { alternativesText } from "./dependency.ts";
import type { Alternatives, Relation } from "./dependency.ts";
import { conflictsOf, dependenciesIn } from "./needs.ts";
import type { Cause, Exclusion, Marking } from "./marking.ts";
import type { Matcher } from "./matching.ts";
import type { PackageIndex, RelationField } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";

/** One dependency and a package that fulfils it. Where several do, each has an edge, and apt keeps them all. */
export interface Edge {
  readonly field: RelationField;
  readonly relation: Relation;
  readonly alternatives: Alternatives;
  readonly target: PackageRecord;
}

export interface Member {
  readonly record: PackageRecord;
  readonly edges: readonly Edge[];
  /** The edge that first led here from a requested package; undefined for those. */
  readonly from: { readonly owner: PackageRecord; readonly edge: Edge } | undefined;
}

/** Keyed by name, in the order of a breadth-first walk from the requested packages. */
export type Members = ReadonlyMap<string, Member>;

export type Problem =
  | { readonly kind: "unmet"; readonly need: Cause }
  | { readonly kind: "conflict"; readonly exclusion: Exclusion };

/** Packages that only abandoned choices wanted are not reached, and so left out. */
export function reachedMembers(
  index: PackageIndex,
  marking: Marking,
  requested: readonly PackageRecord[],
  recommends: boolean,
): Members {
  const members = new Map<string, Member>();
  const queue: { record: PackageRecord; from: Member["from"] }[] = requested.map((record) => ({
    record,
    from: undefined,
  }));
  for (const { record, from } of queue) {
    if (members.has(record.name)) continue;
    const edges = edgesOf(index, marking, record, recommends);
    members.set(record.name, { record, edges, from });
    for (const edge of edges) queue.push({ record: edge.target, from: { owner: record, edge } });
  }
  return members;
}

function edgesOf(index: PackageIndex, marking: Marking, owner: PackageRecord, recommends: boolean): readonly Edge[] {
  const edges: Edge[] = [];
  for (const { field, alternatives } of dependenciesIn(index, owner, recommends)) {
    for (const relation of alternatives) {
      for (const target of marking.fulfilling(relation)) edges.push({ field, relation, alternatives, target });
    }
  }
  return edges;
}

/** The first dependency without a package, or the first two packages that exclude each other. */
export function firstProblem(
  index: PackageIndex,
  matches: Matcher,
  members: Members,
  isWaived: (alternatives: Alternatives) => boolean,
): Problem | undefined {
  for (const { record, edges } of members.values()) {
    const fulfilled = new Set(edges.map(({ alternatives }) => alternatives));
    for (const { field, alternatives } of dependenciesIn(index, record, false)) {
      if (isWaived(alternatives) || fulfilled.has(alternatives)) continue;
      return { kind: "unmet", need: { record, field, alternatives } };
    }
  }
  for (const { record } of members.values()) {
    for (const { field, alternatives } of conflictsOf(index, record)) {
      for (const relation of alternatives) {
        const other = matches(relation).find((match) => match !== record && members.get(match.name)?.record === match);
        if (other !== undefined) return { kind: "conflict", exclusion: { record, field, relation, other } };
      }
    }
  }
  return undefined;
}

/** Each package behind what it needs, Pre-Depends first; cycles are entered at their bytewise first name. */
export function configurationOrder(members: Members): readonly Member[] {
  const ordered: Member[] = [];
  const seen = new Set<string>();
  const names = Array.from(members.keys()).toSorted();
  for (const root of names) {
    const stack = [visit(root)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop();
      if (next !== undefined) {
        if (!seen.has(next)) stack.push(visit(next));
        continue;
      }
      stack.pop();
      const member = members.get(top.name);
      if (member !== undefined && top.isFirst) ordered.push(member);
    }
  }
  return ordered;

  function visit(name: string): { name: string; isFirst: boolean; rest: string[] } {
    const isFirst = !seen.has(name);
    seen.add(name);
    return { name, isFirst, rest: isFirst ? neededNames(members.get(name)).toReversed() : [] };
  }
}

function neededNames(member: Member | undefined): string[] {
  const edges = member?.edges ?? [];
  const names = (isPre: boolean): string[] =>
    edges
      .filter(({ field }) => (field === "Pre-Depends") === isPre)
      .map(({ target }) => target.name)
      .toSorted();
  return [...names(true), ...names(false)];
}

export function edgeText(edge: Pick<Edge, "field" | "alternatives">): string {
  return `${edge.field}: ${alternativesText(edge.alternatives)}`;
}
