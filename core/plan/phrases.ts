/** The words that reasons are made of. Short whatever the plan's size, and safe to print. */
import { displayBytes, encodeText } from "../model/bytes.ts";
import type { ClosureNode } from "../closure/closure.ts";

const UNITS = ["kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** A node's name with what a terminal must not see escaped. */
export function nodeName(node: ClosureNode): string {
  return displayBytes(encodeText(node.name));
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function namesPhrase(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const last = shown.at(-1) ?? "nothing";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** `cycle: a, b`; of a long one, the first names and how many there are. */
export function cyclePhrase(names: readonly string[]): string {
  const more = names.length > 9 ? ` and ${names.length - 8} more` : "";
  return `cycle: ${(more === "" ? names : names.slice(0, 8)).join(", ")}${more}`;
}

/** `1 node`, `5 nodes`. */
export function countPhrase(count: number): string {
  return count === 1 ? "1 node" : `${count} nodes`;
}

/** Decimal units with one digit after the point, as in `12.3 MB`; below 1000, exact. */
export function sizePhrase(bytes: number): string {
  let tenths = bytes * 10;
  let unit = "B";
  for (const next of UNITS) {
    // What would be shown as 1000.0 is 1.0 of the next unit.
    if (Math.round(tenths) < 10_000) break;
    tenths /= 1000;
    unit = next;
  }
  return unit === "B" ? `${bytes} B` : `${(Math.round(tenths) / 10).toFixed(1)} ${unit}`;
}

/** Counts of up to a million million are written out; of greater ones, the power of two below. */
export function bigCountPhrase(count: bigint): string {
  if (count < 10n ** 12n) return count.toString();
  const hex = count.toString(16);
  const bits = (hex.length - 1) * 4 + (31 - Math.clz32(Number.parseInt(hex[0]!, 16)));
  return `about 2^${bits}`;
}
