/**
 * Dividing targets among machines that do not talk to each other. Each works out the whole division from the config alone:
 * rendezvous hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, SODA 2018), so a target more moves few others.
 */
import { digestOf } from "../model/digest.ts";

/** One machine of several. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

export interface WeightedTarget {
  readonly name: string;
  /** Images that it makes. */
  readonly weight: number;
}

/** No shard has more than this times its share, unless a single target has. */
const SLACK = 1.05;

/** The names of those that are this shard's, in the order of `targets`, which decides nothing else. */
export function targetsOfShard(targets: readonly WeightedTarget[], { index, count }: Shard): readonly string[] {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  const room = Math.ceil((SLACK * total) / count);
  const loads = Array.from({ length: count }, () => 0);
  const shardOf = new Map<string, number>();
  for (const { name, weight } of inHashOrder(targets)) {
    const ranked = preferred(name, count);
    const chosen = ranked.find((shard) => loads[shard]! + weight <= room) ?? leastLoaded(ranked, loads);
    loads[chosen]! += weight;
    shardOf.set(name, chosen);
  }
  return targets.flatMap(({ name }) => (shardOf.get(name) === index - 1 ? [name] : []));
}

function inHashOrder(targets: readonly WeightedTarget[]): readonly WeightedTarget[] {
  return byHash(targets, ({ name }) => name);
}

/** All shards, the one that the name would have most first. */
function preferred(name: string, count: number): readonly number[] {
  return byHash(
    Array.from({ length: count }, (_, shard) => shard),
    (shard) => `${shard}\n${name}`,
  );
}

function byHash<Item>(items: readonly Item[], textOf: (item: Item) => string): readonly Item[] {
  return items
    .map((item) => ({ item, hash: digestOf(textOf(item)) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ item }) => item);
}

function leastLoaded(ranked: readonly number[], loads: readonly number[]): number {
  return ranked.reduce((best, shard) => (loads[shard]! < loads[best]! ? shard : best));
}
