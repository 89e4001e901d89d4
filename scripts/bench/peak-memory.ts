/** The highest resident memory of any process of a command, by looking at /proc now and then. */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Milliseconds. The kernel keeps each process's high-water mark, so this misses only what a process does between a look
 * and its end: short ones are looked at often, long ones so seldom that looking costs nothing.
 */
const FIRST_INTERVAL = 5;
const LAST_INTERVAL = 25;

/** Starts looking at a process and its descendants. What it gives ends that, and tells the peak in MB. */
export function watchPeak(pid: number): () => number {
  let peak = 0;
  let interval = FIRST_INTERVAL;
  let timer = setTimeout(look, interval);
  function look(): void {
    peak = Math.max(peak, treePeak(String(pid)));
    interval = Math.min(interval + 1, LAST_INTERVAL);
    timer = setTimeout(look, interval);
  }
  return () => {
    clearTimeout(timer);
    return peak;
  };
}

/** Of one process so far, in MB. */
export function peakOf(pid: number | string): number {
  const kibibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return (kibibytes * 1024) / 1e6;
}

function treePeak(pid: string): number {
  try {
    return Math.max(peakOf(pid), ...childrenOf(pid).map(treePeak));
  } catch {
    return 0;
  }
}

/** Any thread may have started them: in Go programs it is seldom the first. */
function childrenOf(pid: string): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
  );
}
