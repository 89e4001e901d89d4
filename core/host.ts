/**
 * The host's hidden inputs: clock, environment, processors, runtime. The one room that may read them;
 * the lint refuses them elsewhere, so nothing of the host reaches a digest by accident.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { availableParallelism, release, tmpdir, userInfo } from "node:os";
import { isAbsolute } from "node:path";

export type Runtime = "node" | "deno" | "bun";

/** Which one runs this process; for working around what one of them does otherwise, never for what reaches output. */
export function runtime(): Runtime {
  if ("deno" in process.versions) return "deno";
  return "bun" in process.versions ? "bun" : "node";
}

/** Elsewhere a pipe cannot be opened by name at both ends. */
export function isLinux(): boolean {
  return process.platform === "linux";
}

/** Variables of the process as they are now. What reaches a digest may not depend on them. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The same, for the user's own tools: they look for their settings in it. */
export function userEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * How far the heap may grow before what is garbage is looked for again; said at each such search, of which one comes
 * while the command line starts. `fast`: tenfold, where much is to come. `slow`: by a third, for less memory and more
 * time. Node's alone.
 */
export function growHeap(pace: "fast" | "usual" | "slow"): void {
  const percent = { fast: 900, usual: 0, slow: 30 }[pace];
  if (runtime() === "node") process.getBuiltinModule("node:v8").setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/**
 * From now on the room for what is young on the heap does not grow, for less memory: 25 MB of a push. Once it has grown it
 * stays, so this has to be said before much is made. Node's alone.
 */
export function keepYoungHeapSmall(): void {
  if (runtime() === "node") process.getBuiltinModule("node:v8").setFlagsFromString("--semi-space-growth-factor=1");
}

export function processors(): number {
  return availableParallelism();
}

/** Milliseconds since 1970: for messages, locks, `created: "now"` and machines with a network only. */
export function now(): number {
  return Date.now();
}

/** Milliseconds of a clock that only goes forward: for durations. */
export function ticks(): number {
  return performance.now();
}

/**
 * Absolute: HOME's, else that of the system's user database; undefined where neither says one, and where it is not there:
 * `/nonexistent` is how systems say that somebody has none, and it is nobody's to make.
 */
export function homeDirectory(): string | undefined {
  const path = [() => process.env["HOME"], () => userInfo().homedir]
    .map(unlessThrown)
    .find((each) => each && isAbsolute(each));
  return path && unlessThrown(() => (statSync(path).isDirectory() ? path : undefined));
}

/** A user without an entry is an exception, and so is a folder that is not there. */
function unlessThrown(ask: () => string | undefined): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** As `TMPDIR` says, else /tmp; shared with others, so make a private directory in it. */
export function temporaryDirectory(): string {
  return tmpdir();
}

/** The program that runs this, and what stands before a script's path. */
export function runtimeCommand(): readonly string[] {
  return runtime() === "deno" ? [process.execPath, "run", "--allow-all"] : [process.execPath];
}

/** The number of this process. */
export function processId(): number {
  return process.pid;
}

/** A name that no other process uses: for temporary files, which are renamed before anyone reads them. */
export function uniqueSuffix(): string {
  return `${process.pid}-${Math.random().toString(36).slice(2, 12)}`;
}

/** Chance from 0 to 1, for one purpose: that clients which failed together do not try again together. */
export function jitter(): number {
  return Math.random();
}

/** Chance that nobody can foretell, `bytes` of it in hexadecimal: what a virtual machine makes its random numbers of. It must reach no output of ours. */
export function secretSeed(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** Names the time since the system was started; undefined where it says none. */
export function bootId(): string | undefined {
  return unlessThrown(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
}

/** The version of the system's kernel, as `uname -r` has it. */
export function kernelRelease(): string {
  return release();
}

/** The architecture of this process, as Node names it. */
export function hostArchitecture(): string {
  return process.arch;
}

/** Undefined where the system knows no users by number. */
export function userId(): number | undefined {
  return process.getuid?.();
}

/** Undefined where the system knows no groups by number. */
export function groupId(): number | undefined {
  return process.getgid?.();
}

/** Undefined where the user has no entry in the system's database. */
export function userName(): string | undefined {
  return unlessThrown(() => userInfo().username);
}

/** False also on systems without user ids. */
export function isRoot(): boolean {
  return userId() === 0;
}
