/**
 * Four shards with docker-registry as the only thing that they share, two of them killed at random moments and started again on machines
 * with empty stores, then the one that merges (issue 20, "Must show" 3). `--rounds=N`, `--targets=N`.
 */
import { seededRandom } from "../../core/testing/random.ts";
import type { Soak } from "../../scripts/soak.ts";
import { buildInShards, openShardsProject, type ShardedBuild } from "../e2e/killed-shards.ts";

const SEED = 20;

const soak: Soak = async (options) => {
  const rounds = Number(options.get("rounds") ?? 20);
  const project = await openShardsProject(Number(options.get("targets") ?? 16));
  const random = seededRandom(SEED);
  const all: ShardedBuild[] = [];
  while (all.length < rounds) {
    const first = 1 + random(4);
    const second = 1 + ((first + random(3)) % 4);
    const kills = [first, second].map((shard) => ({ shard, moment: random(1000) / 1000 }));
    const built = await buildInShards(project, kills);
    all.push(built);
    console.error(`  ${all.length} of ${rounds}: ${JSON.stringify(built)}`);
  }
  const sum = (count: (built: ShardedBuild) => number): number =>
    all.reduce((before, built) => before + count(built), 0);
  const none = (what: string, figure: number) => ({ what, figure: `${figure}`, aim: "0", ok: figure === 0 });
  const same = all.filter(({ isSame }) => isSame).length;
  const killed = sum((built) => built.killed);
  return [
    {
      what: "merged images that are those of one machine",
      figure: `${same} of ${rounds}`,
      aim: "all",
      ok: same === rounds,
    },
    { what: "shards killed at work", figure: `${killed} of ${2 * rounds}`, aim: "most", ok: killed > rounds },
    none(
      "finished results that were made again",
      sum(({ redone }) => redone.length),
    ),
    none(
      "layers that the merge had to make",
      sum(({ madeByMerge }) => madeByMerge),
    ),
    none(
      "warnings",
      sum(({ warnings }) => warnings.length),
    ),
  ];
};

export default soak;
