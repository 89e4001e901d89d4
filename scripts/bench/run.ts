/** Running commands for the benches: each in a process group of its own, so that an interrupted bench ends all of it. */
import { spawn } from "node:child_process";

export interface RunSettings {
  readonly cwd?: string;
  /** Over the bench's own. A value of undefined unsets. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of the process as soon as it runs. */
  readonly onStart?: (pid: number) => void;
}

export interface RunEnd {
  /** 0 where all went well; of a pipe, the last that did not. A signal counts as -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<number>();

/** Runs a line of bash (with pipefail). A failure is for the caller to see. */
export async function run(shell: string, { cwd, env, onStart }: RunSettings = {}): Promise<RunEnd> {
  const child = spawn("bash", ["-o", "pipefail", "-c", shell], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const pid = child.pid;
  if (pid !== undefined) {
    running.add(pid);
    onStart?.(pid);
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
    return { code: code ?? -1, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    if (pid !== undefined) running.delete(pid);
  }
}

/** What the line printed. Throws where it fails, with its last words. */
export async function runOrThrow(shell: string, settings: RunSettings = {}): Promise<string> {
  const { code, stdout, stderr } = await run(shell, settings);
  if (code !== 0) throw new Error(`This failed with ${code}: ${shell}\n\n${stderr.trim()}`);
  return stdout;
}

/** Kills all that runs now, with its children. */
export function killRunning(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}
