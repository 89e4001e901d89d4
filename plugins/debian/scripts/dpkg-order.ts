/**
 * The order of dpkg's overrides and diversions: that of its hash table of file names (libdpkg's fsys-hash). Its hash is
 * FNV-1a of 32 bits over the name without its leading slash.
 */
import type { Invocation } from "./world.ts";

const BINS = 262_139;
const OFFSET_BASIS = 2_166_136_261;
const PRIME = 16_777_619;

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
  let hash = OFFSET_BASIS;
  for (const char of name.replace(/^\/+/, "")) {
    const byte = char.charCodeAt(0);
    if (byte > 127) return invocation.refuse(`${invocation.name} of a name that is not ASCII`);
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return (hash >>> 0) % BINS;
}
