/** What a package wants of others, and what it wants to be without. */
import type { Alternatives } from "./dependency.ts";
import type { PackageIndex, RelationField } from "./package-index.ts";
import type { PackageRecord } from "./package-record.ts";

/** A dependency to be fulfilled, or one relation to be kept unfulfilled. */
export interface Need {
  readonly field: RelationField;
  readonly alternatives: Alternatives;
}

/** In the order in which apt reads them. */
export function dependenciesIn(index: PackageIndex, record: PackageRecord, recommends: boolean): readonly Need[] {
  const fields: readonly RelationField[] = recommends
    ? ["Pre-Depends", "Depends", "Recommends"]
    : ["Pre-Depends", "Depends"];
  return needsIn(index, record, fields);
}

export function conflictsOf(index: PackageIndex, record: PackageRecord): readonly Need[] {
  return needsIn(index, record, ["Conflicts", "Breaks"]);
}

function needsIn(index: PackageIndex, record: PackageRecord, fields: readonly RelationField[]): readonly Need[] {
  return fields.flatMap((field) => index.relationsOf(record, field).map((alternatives) => ({ field, alternatives })));
}
