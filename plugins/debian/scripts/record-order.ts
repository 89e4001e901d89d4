/**
 * The order of dpkg's overrides and diversions: that of its hash table of file names (libdpkg's fsys-hash), by
 * the name without its leading slash.
 */
import { dpkgHash } from "../dpkg-hash.ts";
import type { Invocation } from "./world.ts";

const BINS = 262_139;

/** Names in one bin stay in the order given. Refuses names whose hash is another one on each architecture. */
export function inDpkgOrder<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  invocation: Invocation,
): readonly Item[] {
  return items
    .map((item) => [binOf(nameOf(item), invocation), item] as const)
    .sort(([left], [right]) => left - right)
    .map(([, item]) => item);
}

function binOf(name: string, invocation: Invocation): number {
  if (/[\x80-\xff]/.test(name)) return invocation.refuse(`${invocation.name} of a name that is not ASCII`);
  return dpkgHash(name.replace(/^\/+/, "")) % BINS;
}
