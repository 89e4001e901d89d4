/** What a renewal moved, from what was pinned by name before and after it. */
import type { MovedPin } from "../model/event.ts";

/** Sorted by name. */
export function movedPins(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly MovedPin[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name) => {
    const [from, to] = [before.get(name), after.get(name)];
    return from === to ? [] : [{ name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
}

/** `libssl3 3.0.20 → 3.0.22` */
export function movedPinText({ name, from, to }: MovedPin): string {
  if (from === undefined) return `${name} ${to} is new`;
  return to === undefined ? `${name} ${from} is gone` : `${name} ${from} → ${to}`;
}
