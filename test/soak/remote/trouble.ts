/** What servers and workers meet with while they work: kills at random moments, storage that is emptied, blobs that end too early. */
import { readFileSync, readdirSync, readlinkSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RemoteServer } from "../../remote-servers.ts";

/** How often it happened. */
export interface Trouble {
  worker: number;
  server: number;
  storage: number;
  blob: number;
}

/** Milliseconds between two, at most: a task that is killed again and again within eight seconds is made at home. */
export const QUIET = 8_000;
/** Of blobs that may end too early: layers, and what they are made of. */
const LARGE = 500_000;

/** Until the signal fires. `quiet`: milliseconds between two, at most. */
export async function troubleAtRandom(
  server: RemoteServer,
  random: (below: number) => number,
  trouble: Trouble,
  quiet: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random(quiet), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const [dice, workers] = [random(20), workersOf(server)];
    if (workers.length === 0) continue;
    if (dice < 15) {
      kill(workers[random(workers.length)]!);
      trouble.worker++;
    } else if (dice < 17) {
      await server.restart();
      trouble.server++;
    } else if (dice === 18) {
      await server.kill();
      // Those that outlive it would go on writing there.
      for (const worker of workersOf(server)) kill(worker);
      rmSync(server.folder, { recursive: true, force: true, maxRetries: 10 });
      await server.restart();
      trouble.storage++;
    } else {
      const blobs = largeFiles(server.folder);
      if (blobs.length === 0) continue;
      truncateSync(blobs[random(blobs.length)]!, LARGE / 2);
      trouble.blob++;
    }
  }
}

function kill(worker: number): void {
  try {
    process.kill(worker, "SIGKILL");
  } catch {
    // It had just ended.
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

function largeFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    try {
      return entry.isFile() && statSync(file).size > LARGE ? [file] : [];
    } catch {
      // The server was quicker.
      return [];
    }
  });
}
