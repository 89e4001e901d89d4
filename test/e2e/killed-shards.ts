/** Shards that share nothing but a registry, some of which are killed and started again elsewhere; then the one that merges. */
import { setTimeout as pause } from "node:timers/promises";
import { tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { faultyRegistry } from "../plugins/registry/support/faulty-registry.ts";
import { cacheTally, digestsIn, startBuild, type CacheMachine, type MachineRan } from "./cache-machine.ts";
import { cli, writeProject } from "./support.ts";

export interface ShardedBuild {
  /** Kills that found their shard at work. */
  readonly killed: number;
  /** Results that a shard that was started again made and published although they had been there when it began. */
  readonly redone: readonly string[];
  /** Results that were there at the end. */
  readonly results: number;
  /** Of the shard that merges: how many layers it had to make itself. */
  readonly madeByMerge: number;
  /** Whether its images are those of a machine that builds all alone. */
  readonly isSame: boolean;
  readonly warnings: readonly string[];
}

export interface ShardsProject {
  readonly cwd: string;
  readonly publicKey: string;
  /** By target, as a machine without a cache makes them. */
  readonly digests: ReadonlyMap<string, string>;
}

const SHARDS = 4;

export async function openShardsProject(targets: number): Promise<ShardsProject> {
  const cwd = writeProject(tmp(), {
    "image.config.mjs": `import { image, step, text } from "image-dsl";
const made = (name) => step({ name, dest: "/" + name, run: "sleep 0.2; echo " + name + " > $out/it" });
export default Object.fromEntries(Array.from({ length: ${targets} }, (_, i) => "t" + i).map((name) =>
  [name, image({ name: "team/" + name, tag: "1", contents: [text("/own", name), made("of-" + name), made("shared-" + name.at(-1)), made("shared")] })]));
`,
  });
  const publicKey = cli(["cache", "keygen", "key.pem"], { cwd }).toString().trim();
  const keys = ["--cache-public-key", publicKey];
  const alone = startBuild(["-o", "digest"], { cwd, cache: "127.0.0.1:9/none", store: tmp(), keys });
  return { cwd, publicKey, digests: digestsIn(await alone.ended) };
}

/** `moment`: from 0 to 1, when in the time of an unharmed shard each of these (from 1) is killed. */
export async function buildInShards(
  { cwd, digests }: ShardsProject,
  kills: readonly { readonly shard: number; readonly moment: number }[],
): Promise<ShardedBuild> {
  await using registry = await dockerRegistry();
  const warnings: string[] = [];
  const redone: string[] = [];
  const keys = ["--cache-private-key", "key.pem"];
  const start = (which: string, cache: string) => {
    const machine: CacheMachine = { cwd, cache, store: tmp(), keys };
    return startBuild(
      ["--shard", which, "-o", "digest", "-o", `docker://${registry.host}/{target}:1`, "--insecure", registry.host],
      machine,
    );
  };
  let killed = 0;

  async function shard(index: number): Promise<void> {
    const kill = kills.find((each) => each.shard === index);
    // One for each shard: what passes through it is this shard's.
    await using own = await faultyRegistry(registry.host);
    const running = start(`${index}/${SHARDS}`, `${own.host}/cache`);
    if (kill === undefined) return void warnings.push(...(await running.ended).warnings);
    await Promise.race([running.ended, begun(own.lines).then(() => pause(kill.moment * USUAL))]);
    if (running.child.exitCode === null) killed++;
    running.child.kill("SIGKILL");
    await running.ended;
    const finished = await resultsIn(registry);
    const before = own.lines.length;
    warnings.push(...(await start(`${index}/${SHARDS}`, `${own.host}/cache`).ended).warnings);
    redone.push(
      ...own.lines
        .slice(before)
        .flatMap(publishedBy)
        .filter((tag) => finished.has(tag)),
    );
  }

  await Promise.all(Array.from({ length: SHARDS }, (_, index) => shard(index + 1)));
  const merged = await start("merge", `${registry.host}/cache`).ended;
  warnings.push(...merged.warnings);
  return {
    killed,
    redone,
    results: (await resultsIn(registry)).size,
    madeByMerge: madeBy(merged),
    isSame: merged.status === 0 && isSame(digestsIn(merged), digests) && cacheTally(merged).published === 0,
    warnings,
  };
}

/** Milliseconds between a shard's first word to the cache and its end. */
const USUAL = 4000;

async function begun(lines: readonly string[]): Promise<void> {
  while (lines.length === 0) await pause(20);
}

async function resultsIn({ url }: DockerRegistry): Promise<ReadonlySet<string>> {
  const answer = await fetch(`${url}/v2/cache/tags/list`);
  return new Set(answer.ok ? ((await answer.json()) as { tags: string[] | null }).tags : []);
}

function publishedBy(line: string): readonly string[] {
  const tag = /^PUT .*\/manifests\/(r1-[0-9a-f]+)$/.exec(line)?.[1];
  return tag === undefined ? [] : [tag];
}

function madeBy({ events }: MachineRan): number {
  const told = events.find(({ message }) => /targets, and of their \d+ layers/.test(message ?? ""));
  return Number(/ layers (\d+) were made here/.exec(told?.message ?? "")?.[1] ?? Number.NaN);
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && Array.from(other).every(([target, digest]) => one.get(target) === digest);
}
