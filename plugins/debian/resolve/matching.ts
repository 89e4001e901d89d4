/** Which packages fulfil a relation: by name, by what they provide, by version and by multi-arch qualifier. */
import type { Relation } from "./dependency.ts";
import type { PackageIndex, Provision } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { satisfiesConstraint } from "./version.ts";

/** All versions of all packages that fulfil the relation, each once; its answers are kept. */
export type Matcher = (relation: Relation) => readonly PackageRecord[];

export function matcherOf(index: PackageIndex): Matcher {
  const known = new Map<Relation, readonly PackageRecord[]>();
  return (relation) => {
    let matches = known.get(relation);
    if (matches === undefined) known.set(relation, (matches = findMatches(index, relation)));
    return matches;
  };
}

function findMatches(index: PackageIndex, relation: Relation): readonly PackageRecord[] {
  const matches = new Set<PackageRecord>();
  for (const record of index.packages.get(relation.name) ?? []) {
    if (fulfilsVersion(relation, record.version) && isReachable(relation, record, index)) matches.add(record);
  }
  for (const provision of index.provisions.get(relation.name) ?? []) {
    if (fulfilsVersion(relation, provision.version) && isProvided(relation, provision, index)) {
      matches.add(provision.provider);
    }
  }
  return Array.from(matches);
}

function fulfilsVersion(relation: Relation, version: string | undefined): boolean {
  const { constraint } = relation;
  if (constraint === undefined) return true;
  return version !== undefined && satisfiesConstraint(version, constraint.operator, constraint.version);
}

/** Without a qualifier the own architecture is meant, to which `all` belongs; `:any` takes who allows it. */
function isReachable(relation: Relation, record: PackageRecord, index: PackageIndex): boolean {
  if (relation.qualifier === "any") return record.multiArch === "allowed";
  return isOwn(relation.qualifier, index);
}

/** A provision with a qualifier of its own stands for exactly that. */
function isProvided(relation: Relation, provision: Provision, index: PackageIndex): boolean {
  if (relation.qualifier === "any") {
    return provision.qualifier === "any" || isReachable(relation, provision.provider, index);
  }
  return provision.qualifier !== "any" && isOwn(provision.qualifier, index) && isOwn(relation.qualifier, index);
}

function isOwn(qualifier: string | undefined, index: PackageIndex): boolean {
  return qualifier === undefined || qualifier === "native" || qualifier === index.architecture;
}
