/**
 * Layers made by a server of the Remote Execution API (Debian's justbuild) while workers and the server are killed at random and its
 * storage is emptied (issue 20, "Must show" 2). `--images=N --rounds=N`.
 */
import { readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../core/testing/random.ts";
import type { Soak } from "../../scripts/soak.ts";
import { buildPacks, packsIn, workersAt, type RemoteBuild } from "../e2e/remote-project.ts";
import { tmp } from "../harness.ts";
import { startJustbuild, type RemoteServer } from "../remote-servers.ts";

const PACK_BYTES = 8_000_000;
/** Milliseconds between kills, at most. */
const QUIET = 5_000;

interface Kills {
  worker: number;
  server: number;
  storage: number;
}

const soak: Soak = async (options) => {
  const images = Number(options.get("images") ?? 24);
  const rounds = Number(options.get("rounds") ?? 10);
  const folder = packsIn(tmp(), images, PACK_BYTES);
  const alone = await buildPacks(folder, images);
  const random = seededRandom(20);
  const kills: Kills = { worker: 0, server: 0, storage: 0 };
  const all: RemoteBuild[] = [];
  while (all.length < rounds) {
    const server = await startJustbuild();
    const stopping = new AbortController();
    const killing = killAtRandom(server, random, kills, stopping.signal);
    try {
      all.push(await buildPacks(folder, images, await workersAt(server.at)));
    } finally {
      stopping.abort();
      await killing;
      await server.kill();
    }
    console.error(`  ${all.length} of ${rounds}: ${JSON.stringify({ ...all.at(-1), digests: undefined, kills })}`);
  }
  const same = all.filter(({ digests }) => digests.join() === alone.digests.join()).length;
  const sum = (count: (built: RemoteBuild) => number): number => all.reduce((before, each) => before + count(each), 0);
  const there = sum(({ made }) => made.there + made.known);
  const here = sum(({ made }) => made.here);
  const told = sum(({ warnings }) => warnings.length);
  return [
    {
      what: "builds with the digests of this machine",
      figure: `${same} of ${rounds}`,
      aim: "all",
      ok: same === rounds,
    },
    { what: "workers killed", figure: `${kills.worker}`, aim: "some", ok: kills.worker > 0 },
    { what: "servers killed", figure: `${kills.server}`, aim: "some", ok: kills.server > 0 },
    { what: "storages emptied", figure: `${kills.storage}`, aim: "some", ok: kills.storage > 0 },
    { what: "tasks done there", figure: `${there} of ${there + here}`, aim: "most", ok: there > here },
    {
      what: "warnings",
      figure: `${told}`,
      aim: "one a build at most for what was done here",
      ok: here > 0 || told === 0,
    },
  ];
};

async function killAtRandom(
  server: RemoteServer,
  random: (below: number) => number,
  kills: Kills,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random(QUIET), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const [dice, workers] = [random(10), workersOf(server)];
    if (dice < 7 && workers.length > 0) {
      process.kill(workers[random(workers.length)]!, "SIGKILL");
      kills.worker++;
    } else if (dice === 8) {
      await server.restart();
      kills.server++;
    } else if (dice === 9) {
      await server.kill();
      rmSync(server.folder, { recursive: true, force: true, maxRetries: 10 });
      await server.restart();
      kills.storage++;
    }
  }
}

/** Processes that make layers in a folder of this server. */
function workersOf({ folder }: RemoteServer): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const isRunner = readFileSync(`/proc/${name}/cmdline`, "utf8").includes("runner/runner.js");
      return isRunner && readlinkSync(`/proc/${name}/cwd`).startsWith(folder) ? [Number(name)] : [];
    } catch {
      // It has ended, or is no process.
      return [];
    }
  });
}

export default soak;
