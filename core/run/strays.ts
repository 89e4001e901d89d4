/**
 * Processes that left their process group (daemons that scripts start). They are known by their environment, which
 * names the script's own work directory; Linux shows it in /proc.
 */
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Ends every process of ours whose environment names one of the directories: SIGTERM, two seconds, SIGKILL. */
export async function endStrays(directories: readonly string[]): Promise<void> {
  if (!signalStrays(directories, "SIGTERM")) return;
  for (let waited = 0; waited < 2000; waited += 50) {
    await delay(50);
    if (findStrays(directories).length === 0) return;
  }
  signalStrays(directories, "SIGKILL");
}

function signalStrays(directories: readonly string[], signal: NodeJS.Signals): boolean {
  const found = findStrays(directories);
  for (const pid of found) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
  return found.length > 0;
}

function findStrays(directories: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (const name of processNames()) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = environmentOf(pid);
    if (directories.some((directory) => environment.includes(directory))) found.push(pid);
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

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return ""; // Another user's, or gone.
  }
}
