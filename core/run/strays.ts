/**
 * Processes that left their process group (daemons that scripts start). They are known by their environment, which
 * names the script's own work directory, and by a mark that they have even with no environment: the limit of
 * their files' size, which is inherited, and so large that nothing reaches it. Linux shows both in /proc.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import type { ScriptPlace } from "./script-place.ts";

/** In bytes: half of the largest size that Linux knows. */
const LIMIT = 2n ** 62n;
const BLOCK = 512n;

/** The limit of a script's files in the shell's blocks, which is no other script's. */
export function markOf({ work }: ScriptPlace): bigint {
  const own = createHash("sha256").update(work).digest().readUIntBE(0, 6);
  return LIMIT / BLOCK + BigInt(own);
}

/** How long they may take to end by themselves, in milliseconds; once the build was interrupted, others have waited before. */
const PATIENCE = { build: 2000, interrupted: 500 } as const;
const PAUSE = 50;

/**
 * Ends every process of ours that a script left: SIGTERM, a while, SIGKILL. That more than once, since one that was not yet
 * killed may have begun another behind the look at all of them.
 */
export async function endStrays(place: ScriptPlace, interrupted: AbortSignal): Promise<void> {
  if (!signalStrays(place, "SIGTERM")) return;
  const patience = () => (interrupted.aborted ? PATIENCE.interrupted : PATIENCE.build);
  for (let waited = 0; waited < patience(); waited += PAUSE) {
    await delay(PAUSE);
    if (findStrays(place).length === 0) return;
  }
  for (let waited = 0; waited < patience() && signalStrays(place, "SIGKILL"); waited += PAUSE) await delay(PAUSE);
}

function signalStrays(place: ScriptPlace, signal: NodeJS.Signals): boolean {
  const found = findStrays(place);
  for (const pid of found) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
  return found.length > 0;
}

function findStrays(place: ScriptPlace): readonly number[] {
  const limit = new RegExp(`^Max file size +${markOf(place) * BLOCK} `, "m");
  const found: number[] = [];
  for (const name of processNames()) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = readOf(pid, "environ");
    const isNamed = [place.root, place.home].some((directory) => environment.includes(directory));
    if (isNamed || limit.test(readOf(pid, "limits"))) found.push(pid);
  }
  return found;
}

function processNames(): readonly string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return []; // Not Linux: only process groups are ended.
  }
}

function readOf(pid: number, file: "environ" | "limits"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // Another user's, or gone.
  }
}
