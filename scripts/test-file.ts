/**
 * Runs one test file in a process of its own and judges it by what uvu says at the end, not by its exit status
 * alone: uvu ends with status 0 although a test failed in three cases (docs/dependencies.md).
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IS_THOROUGH } from "../test/sampled.ts";
import { RUNTIMES, type RuntimeName, isRuntimeName, typeScriptCommand } from "./runtimes.ts";

/** What a test file's first lines ask of the runner: `// @timeout 600` (seconds) and `// @runtimes node,bun`. */
export interface FileSettings {
  readonly timeout: number;
  readonly runtimes: readonly RuntimeName[];
}

export interface FileResult {
  readonly file: string;
  readonly runtime: RuntimeName;
  readonly passed: number;
  /** At least 1 when the file as a whole did not pass. */
  readonly failed: number;
  readonly skipped: number;
  /** Why the file did not pass; undefined when it did. */
  readonly problem: string | undefined;
  readonly output: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly ci: boolean;
  /** Seconds; the default of files that name none. */
  readonly defaultTimeout?: number;
  /** Whether properties do a part of their runs (`test/sampled.ts`). */
  readonly few?: boolean;
  /** Seconds a process may live on after uvu's last line. */
  readonly grace?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT = 300;
/** What tests made is removed in that time too, whole root file systems among it. */
const DEFAULT_GRACE = 60;
const DRAIN = 2;
const TOTALS = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: /gm;

/** Reads a file's settings; throws when a setting is not understood. */
export function readSettings(file: string, defaultTimeout = DEFAULT_TIMEOUT): FileSettings {
  let timeout = defaultTimeout;
  let runtimes: readonly RuntimeName[] = RUNTIMES;
  for (const line of readFileSync(file, "utf8").split("\n", 10)) {
    const [, name, value = ""] = /^\/\/ @(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const names = value.trim().split(/[\s,]+/);
    if (name === "timeout" && Number(value) > 0) timeout = Number(value);
    else if (name === "runtimes" && names.every(isRuntimeName)) runtimes = names;
    else throw new Error(`${file}: the runner does not know "${line}"`);
  }
  return { timeout: IS_THOROUGH ? timeout * 10 : timeout, runtimes };
}

/** Runs one file to its end, or kills it and all it started. Never throws for what the file does. */
export async function runTestFile(file: string, runtime: RuntimeName, options: RunOptions): Promise<FileResult> {
  const started = performance.now();
  const settings = readSettings(file, options.defaultTimeout);
  const ended = await runProcess(file, runtime, settings.timeout, options);
  const seconds = (performance.now() - started) / 1000;
  return { file, runtime, seconds, output: ended.output, ...judge(ended, options.ci) };
}

interface Ended {
  readonly stdout: string;
  readonly output: string;
  readonly status: number | null;
  readonly signal: string | null;
  readonly killed: string | undefined;
}

function runProcess(file: string, runtime: RuntimeName, timeout: number, options: RunOptions): Promise<Ended> {
  const command = typeScriptCommand(runtime);
  const temporary = mkdtempSync(join(tmpdir(), "t-"));
  // Tests that lower their rights need a way through; the names in it stay unknown to others.
  chmodSync(temporary, 0o711);
  // What tsx makes of TypeScript it keeps in the temporary directory: once for all files, not anew for each.
  const cache = `tsx-${process.geteuid?.()}`;
  symlinkSync(join(tmpdir(), cache), join(temporary, cache));
  // Beside NO_COLOR this would win in Deno and be warned of in Node.
  const { FORCE_COLOR: _dropped, ...environment } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command.program, [...command.args, file], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: {
        ...environment,
        CI: options.ci ? "true" : "",
        NO_COLOR: "1",
        TMPDIR: temporary,
        ...(options.few && !IS_THOROUGH && { IMAGE_DSL_TESTS: "few" }),
      },
    });
    let killed: string | undefined;
    let stdout = "";
    let output = "";
    const kill = (reason: string) => {
      killed ??= reason;
      killGroup(child.pid);
    };
    const abort = () => kill("interrupted");
    const limit = setTimeout(() => kill(`did not end within ${timeout} s`), timeout * 1000);
    let grace: NodeJS.Timeout | undefined;
    options.signal?.addEventListener("abort", abort);

    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
      if (grace === undefined && readTotals(stdout) !== undefined) {
        const seconds = options.grace ?? DEFAULT_GRACE;
        const reason = `something still ran ${seconds} s after the last test: a timer, a socket or a child process`;
        grace = setTimeout(() => kill(reason), seconds * 1000);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    let drain: NodeJS.Timeout | undefined;
    const finish = () => {
      for (const timer of [limit, grace, drain]) clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
      rmSync(temporary, { recursive: true, force: true });
    };
    child.on("error", (error) => {
      finish();
      reject(error);
    });
    // What the file started and left behind is ended too; what fled the group may hold the pipes open a while.
    child.on("exit", () => {
      killGroup(child.pid);
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN * 1000);
    });
    child.on("close", (status, signal) => {
      finish();
      resolve({ stdout, output, status, signal, killed });
    });
  });
}

function judge(ended: Ended, ci: boolean): Pick<FileResult, "passed" | "failed" | "skipped" | "problem"> {
  const totals = readTotals(ended.stdout);
  const missingTools = ended.stdout.match(/^ {2}SKIPPED "/gm)?.length ?? 0;
  const skipped = (totals?.skipped ?? 0) + missingTools;
  const problem = findProblem(ended, totals, ci ? skipped : 0);
  const passed = Math.max(0, (totals?.passed ?? 0) - missingTools);
  const failed = totals === undefined ? 0 : totals.total - totals.passed;
  return { passed, skipped, problem, failed: problem === undefined ? 0 : Math.max(1, failed) };
}

function findProblem(ended: Ended, totals: Totals | undefined, forbiddenSkips: number): string | undefined {
  if (ended.killed !== undefined) return `killed: ${ended.killed}`;
  if (totals === undefined) return `ended ${howItEnded(ended)} before its tests did`;
  if (totals.total === 0) return "has no tests, or never calls test.run()";
  if (totals.passed !== totals.total) return `${totals.total - totals.passed} of ${totals.total} tests failed`;
  if (ended.status !== 0) return `ended ${howItEnded(ended)} although its tests passed`;
  if (forbiddenSkips > 0) return `${forbiddenSkips} tests were skipped, which CI does not allow`;
  return undefined;
}

function howItEnded(ended: Ended): string {
  return ended.signal === null ? `with status ${ended.status}` : `by ${ended.signal}`;
}

interface Totals {
  readonly total: number;
  readonly passed: number;
  readonly skipped: number;
}

function readTotals(stdout: string): Totals | undefined {
  const last = [...stdout.matchAll(TOTALS)].at(-1);
  return last && { total: Number(last[1]), passed: Number(last[2]), skipped: Number(last[3]) };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has ended already.
  }
}
