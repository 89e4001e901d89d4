/** Says of each layer of the strategy that remembers how often it is expected to move, and for what. */
import { countPhrase, namesPhrase, sizePhrase } from "../phrases.ts";
import { chanceOf } from "./rates.ts";
import { rateIn, type Group } from "./members.ts";

/** `stays: 4 nodes, expected to move in 1 of 3 updates; express changed in 3 of 7` */
export function stableReason(group: Group, updates: number, state: string): string {
  const chance = chanceOf(rateIn(group));
  const [first] = group;
  const what =
    group.length === 1 ? `${first!.unit.title} (${sizePhrase(first!.unit.size)})` : countPhrase(group.length);
  const how = `${state}: ${what}, expected to move in 1 of ${Math.max(1, Math.round(1 / chance))} updates`;
  const most = group.reduce((sofar, { changes }) => Math.max(sofar, changes), 0);
  if (most === 0) return how;
  const names = group.filter(({ changes }) => changes === most).map(({ unit }) => unit.title);
  return `${how}; ${namesPhrase(names)} changed in ${most} of ${updates}`;
}
