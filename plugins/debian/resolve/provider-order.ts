/**
 * Which of several packages apt would take for one relation (its order of providers, where nothing is installed):
 * what is protected, then the package of that very name, then essential ones, then the archive's priority. What is
 * still equal is decided by the order in which apt met the names, latest first.
 */
import type { Relation } from "./dependency.ts";
import type { PackageIndex } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";
import { compareVersions } from "./version.ts";

/** Negative where `a` is taken before `b`; both fulfil `relation`. */
export function compareProviders(
  relation: Relation,
  a: PackageRecord,
  b: PackageRecord,
  isProtected: (name: string) => boolean,
  index: PackageIndex,
): number {
  if (a.name === b.name) return compareVersions(b.version, a.version);
  return (
    Number(isProtected(b.name)) - Number(isProtected(a.name)) ||
    Number(isNamesake(relation, b)) - Number(isNamesake(relation, a)) ||
    Number(b.essential) - Number(a.essential) ||
    Number(b.important) - Number(a.important) ||
    a.priority - b.priority ||
    index.compareMentions(b.name, a.name) ||
    (a.name < b.name ? -1 : 1)
  );
}

/** To apt, a name with a qualifier is another name. */
function isNamesake(relation: Relation, record: PackageRecord): boolean {
  return relation.qualifier === undefined && relation.name === record.name;
}
