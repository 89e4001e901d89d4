/**
 * `npm run soak images [--images=300] [--single=10] [--remote=justbuild|casd|grpc://HOST:PORT]`: many images of one workspace into docker-registry: all of them in one
 * build, some one by one and by buildah, and, with `--remote`, on other machines (issue 20, "Must show" 1).
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { pushBases } from "../../scripts/bench/node-app/bases.ts";
import { startMirror, type Mirror } from "../../scripts/bench/node-app/mirror.ts";
import { watchPeak } from "../../scripts/bench/peak-memory.ts";
import { runOrThrow } from "../../scripts/bench/run.ts";
import { startRegistry, type Registry } from "../../scripts/bench/shipping/registry.ts";
import type { Soak, SoakOptions, SoakRow } from "../../scripts/soak.ts";
import { CLI, openFolder } from "../e2e/support.ts";
import { startJustbuild, startTwoCasds } from "../remote-servers.ts";
import { buildahIn } from "./images/by-buildah.ts";
import { writeWorkspace, type Workspace } from "./images/workspace.ts";

/** That are started here. */
const SERVERS = new Map([
  ["justbuild", () => startJustbuild()],
  ["casd", startTwoCasds],
]);

const soak: Soak = async (options) => {
  const { path: work, dispose } = openFolder("images");
  const mirror = await startMirror();
  const registry = await startRegistry(join(work, "registry"));
  try {
    return await measured(work, mirror, registry, options);
  } finally {
    await registry.close();
    await mirror.close();
    dispose();
  }
};
export default soak;

async function measured(work: string, mirror: Mirror, registry: Registry, options: SoakOptions): Promise<SoakRow[]> {
  const count = Number(options.get("images") ?? 300);
  const single = Math.min(count, Number(options.get("single") ?? 10));
  const { host } = registry;
  await pushBases(join(work, "bases"), {
    cli: `node '${CLI}'`,
    env: { ...mirror.env, IMAGE_DSL_CACHE: join(work, "store-of-bases") },
    host,
    npm: mirror,
  });
  const checkout = (name: string) => writeWorkspace(join(work, name), count, host, mirror.url);
  const workspace = await checkout("one");
  const build = (where: Workspace, store: string, more = "") =>
    timed(`node '${CLI}' build ${more} --push --insecure ${host} --json`, where.folder, {
      ...mirror.env,
      IMAGE_DSL_CACHE: join(work, store),
    });

  const rows: SoakRow[] = [];
  const add = (what: string, figure: string, aim = "", ok = true) => rows.push({ what, figure, aim, ok });
  const cold = await build(workspace, "all");
  add(`${count} images with nothing kept`, figures(cold));
  const again = await build(workspace, "all");
  add("the same again", figures(again), "the same digests", sameDigests(cold, again));

  const each: Built[] = [];
  for (const name of workspace.services.slice(0, single)) each.push(await build(workspace, "single", name));
  add(
    `${single} one by one, for ${count}`,
    extrapolated(each, count),
    "the same digests",
    each.every((one) => sameDigests(one, cold)),
  );
  const buildah = buildahIn(workspace, host, join(work, "buildah"));
  const peer: Built[] = [];
  for (const name of workspace.services.slice(0, single)) peer.push(await timedWork(() => buildah(name)));
  add(`${single} by buildah one by one, for ${count}`, extrapolated(peer, count), "more than ours");

  const wanted = options.get("remote");
  if (wanted !== undefined) {
    const server = await (SERVERS.get(wanted)?.() ?? { at: wanted, kill: async () => {} });
    const remote = server.at;
    const far = await build(workspace, "far", `--explain --remote ${remote}`);
    add("on other machines with nothing kept", figures(far), "the same digests", sameDigests(cold, far));
    const other = { ...workspace, folder: join(work, "two") };
    cpSync(workspace.folder, other.folder, { recursive: true });
    const second = await build(other, "far-two", `--explain --remote ${remote}`);
    add("the same from another checkout", figures(second), "the same digests", sameDigests(cold, second));
    await server.kill();
  }
  return rows;
}

interface Built {
  readonly seconds: number;
  /** Of the largest process, in MB. */
  readonly peak: number;
  /** By target. */
  readonly digests: ReadonlyMap<string, string>;
  /** How many tasks were done where. */
  readonly said: string;
}

async function timed(shell: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Built> {
  let peak = (): number => 0;
  const began = performance.now();
  const stdout = await runOrThrow(shell, { cwd, env, onStart: (pid) => (peak = watchPeak(pid)) });
  const seconds = (performance.now() - began) / 1000;
  const events = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Event] : []));
  const digests = events.flatMap(({ type, target, manifest }) =>
    type === "output" && target !== undefined && manifest !== undefined ? [[target, manifest] as const] : [],
  );
  // What `--explain` says of each task.
  const tasks = events.flatMap(({ message }) => /: made (known|by|here)/.exec(message ?? "")?.[1] ?? []);
  const count = (how: string): number => tasks.filter((each) => each === how).length;
  const said =
    tasks.length === 0
      ? ""
      : `; of ${tasks.length} tasks ${count("by")} done there, ${count("known")} known there, ${count("here")} done here`;
  return { seconds, peak: peak(), digests: new Map(digests), said };
}

interface Event {
  readonly type: string;
  readonly target?: string;
  readonly manifest?: string;
  readonly message?: string;
}

async function timedWork(work: () => Promise<unknown>): Promise<Built> {
  const began = performance.now();
  await work();
  return { seconds: (performance.now() - began) / 1000, peak: 0, digests: new Map(), said: "" };
}

/** The first one has more to do than those after it. */
function extrapolated(each: readonly Built[], count: number): string {
  const [first, ...others] = each.map(({ seconds }) => seconds);
  const mean = others.reduce((sum, one) => sum + one, 0) / Math.max(1, others.length);
  return `${first!.toFixed(1)} s, then ${mean.toFixed(1)} s each: ${(first! + mean * (count - 1)).toFixed(0)} s`;
}

function figures({ seconds, peak, said }: Built): string {
  return `${seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at most${said}`;
}

function sameDigests(some: Built, all: Built): boolean {
  return some.digests.size > 0 && [...some.digests].every(([target, digest]) => all.digests.get(target) === digest);
}
