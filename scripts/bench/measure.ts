/** Timing whole commands side by side: interleaved rounds, medians, and the peak memory of the process tree's root. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Command {
  readonly name: string;
  /** Run by sh, with `exec` before the last command where its memory is to be measured. */
  readonly shell: string;
}

export interface Measured {
  readonly name: string;
  /** Median of the rounds. */
  readonly seconds: number;
  /** The highest resident memory of any process of the command, in MiB. */
  readonly peak: number;
}

/** Runs every command once unmeasured, then all of them in turn, `rounds` times. A command that fails is an error. */
export async function measure(commands: readonly Command[], rounds: number): Promise<Measured[]> {
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  const peaks = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const command of commands) {
      const { seconds, peak } = await runOnce(command);
      if (round < 0) continue;
      times.get(command.name)!.push(seconds);
      peaks.set(command.name, Math.max(peak, peaks.get(command.name) ?? 0));
    }
  }
  return commands.map(({ name }) => ({ name, seconds: median(times.get(name)!), peak: peaks.get(name)! }));
}

async function runOnce({ name, shell }: Command): Promise<{ seconds: number; peak: number }> {
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const started = process.hrtime.bigint();
  const child = spawn("sh", ["-c", shell], { stdio: ["ignore", "ignore", "inherit"], env });
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, treePeak(child.pid!))), 15);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${name} failed with ${code}: ${shell}`);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peak };
}

/** VmHWM is the kernel's own high-water mark, so looking now and then misses only what ends between two looks. */
function treePeak(pid: number): number {
  try {
    const own = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return Math.max(own, ...children.map((child) => treePeak(Number(child))));
  } catch {
    return 0;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
