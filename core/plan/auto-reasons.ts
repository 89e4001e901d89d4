/** Says of each layer of the size-driven strategy which primaries it stands for. */
import { groupLabels } from "./auto-labels.ts";
import { countPhrase, namesPhrase, sizePhrase } from "./phrases.ts";
import { cyclesAmong, nodeCountOf, type PlanningUnit } from "./planning-units.ts";

/** A phrase for each group of unit indexes, given the primaries that split them. */
export function autoReasons(
  units: readonly PlanningUnit[],
  groups: readonly (readonly number[])[],
  primaries: readonly number[],
): readonly string[] {
  const isPrimary = new Set(primaries);
  const heads = groups.map((group) => group.find((unit) => isPrimary.has(unit)));
  const labels = heads.includes(undefined) ? groupLabels(units, groups, primaries, 5) : [];
  return groups.map((group, index) => {
    const head = heads[index];
    const others = group.filter((unit) => unit !== head).map((unit) => units[unit]!);
    const label = labels[index]?.map((unit) => units[unit]!) ?? [];
    const what = head === undefined ? sharedReason(label, others) : primaryReason(units[head]!, others);
    return [what, ...cyclesAmong(others)].join("; ");
  });
}

function primaryReason(primary: PlanningUnit, others: readonly PlanningUnit[]): string {
  const what = `largest remaining${primary.isCycle ? " " : ": "}${primary.title} (${sizePhrase(primary.size)})`;
  return others.length === 0 ? what : `${what}, with ${countPhrase(nodeCountOf(others))} that it needs`;
}

function sharedReason(label: readonly PlanningUnit[], members: readonly PlanningUnit[]): string {
  const count = countPhrase(nodeCountOf(members));
  if (label.length === 0) return `the rest: ${count} that no larger one needs`;
  const names = label.map((unit) => unit.title);
  return `${count} shared by ${label.length > 4 ? `${names.slice(0, 3).join(", ")} and others` : namesPhrase(names)}`;
}
