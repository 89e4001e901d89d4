/** Which names and ids useradd and groupadd take (shadow 4.13 to 4.17). */
import { displayBytes } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";

export type Range = readonly [first: number, last: number];

/** From SYS_UID_MIN, which useradd takes to be 101, up to what ordinary users begin with. */
const SYSTEM: Range = [101, 999];
const ORDINARY: Range = [1000, 60000];

export function newUID({ world: { accounts } }: Invocation, name: string, system: boolean): number | undefined {
  const used = accounts.users().map(({ uid }) => uid);
  return newID(used, system, (first, last) => accounts.freeUID(name, first, last));
}

/** A user's own group takes the user's id where it can. */
export function newGID(
  { world: { accounts } }: Invocation,
  name: string,
  system: boolean,
  preferred?: number,
): number | undefined {
  const used = accounts.groups().map(({ gid }) => gid);
  const [first, last] = system ? SYSTEM : ORDINARY;
  const isInRange = preferred !== undefined && preferred >= first && preferred <= last && !used.includes(preferred);
  if (isInRange && accounts.freeGID(name, preferred, preferred) === preferred) return preferred;
  return newID(used, system, (from, to) => accounts.freeGID(name, from, to));
}

/** The one below the lowest system id in use, or above the highest ordinary one; any other once these are used up. */
function newID(
  used: readonly number[],
  system: boolean,
  free: (first: number, last: number) => number | undefined,
): number | undefined {
  const [first, last] = system ? SYSTEM : ORDINARY;
  const inRange = used.filter((id) => id >= first && id <= last);
  if (!system) {
    const highest = inRange.reduce((most, id) => Math.max(most, id), first - 1);
    return free(Math.min(highest + 1, last), last) ?? free(first, last);
  }
  const below = inRange.reduce((least, id) => Math.min(least, id), last + 1) - 1;
  return (below >= first ? free(below, first) : undefined) ?? free(last, first);
}

/** Others are refused, as the tools differ in what they take. */
export function requireName(invocation: Invocation, name: string | undefined): string {
  if (name !== undefined && /^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}\$?$/.test(name) && !/^\d+$/.test(name)) return name;
  return invocation.refuse(`${invocation.name} with the name ${displayBytes(name ?? "")}`);
}

/** A group by its name or its id. */
export function findGroup(
  { world }: Invocation,
  text: string,
): { readonly name: string; readonly gid: number } | undefined {
  const byName = world.accounts.group(text);
  if (byName || !/^\d{1,9}$/.test(text)) return byName;
  return world.accounts.groups().find((entry) => entry.gid === Number(text));
}
