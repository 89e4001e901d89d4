/** Running the built CLI as a user would: another folder, another runtime, another user. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOCKER_ENVIRONMENT } from "../../scripts/docker-host.ts";
import { javaScriptCommand, type RuntimeName } from "../../scripts/runtimes.ts";
import { sharedCache } from "../shared-cache.ts";

export const PROJECT = join(import.meta.dirname, "../..");
export const CLI = join(PROJECT, "dist/cli.js");

/** The conventional `nobody`. */
const NOBODY = 65_534;

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly runtime?: RuntimeName;
  /** As `nobody`; needs root. */
  readonly unprivileged?: boolean;
  /** An octal umask for the CLI's process. */
  readonly umask?: string;
  readonly cli?: string;
  /** Its standard input. Default: none. */
  readonly input?: Uint8Array;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export function runCli(args: readonly string[], options: RunOptions): Ran {
  const { program, args: first } = javaScriptCommand(options.runtime ?? "node");
  return run([program, ...first, options.cli ?? CLI, ...args], options);
}

/**
 * Runs a command line, without a shell but for the umask; Docker's client asks the tests' own daemon. Who says nothing of image-dsl's cache
 * has the one that all tests share.
 */
export function run(command: readonly string[], { cwd, env, unprivileged, umask, input }: RunOptions): Ran {
  const { NODE_EXTRA_CA_CERTS, CI: _ci, ...inherited } = process.env;
  const lowered = unprivileged
    ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...command]
    : command;
  const [program, ...args] =
    umask === undefined ? lowered : ["sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...lowered];
  const { status, stdout, stderr, error } = spawnSync(program!, args, {
    cwd,
    ...(input !== undefined && { input }),
    env: {
      ...inherited,
      ...DOCKER_ENVIRONMENT,
      ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
      ...(unprivileged ? { HOME: cwd } : { IMAGE_DSL_CACHE: sharedCache() }),
      ...env,
    },
    maxBuffer: 1 << 30,
  });
  if (error) throw error;
  return { status, stdout, stderr: stderr.toString() };
}

/** Like `runCli`, but anything but status 0 is an error with what the CLI said. */
export function cli(args: readonly string[], options: RunOptions): Buffer {
  const { status, stdout, stderr } = runCli(args, options);
  if (status !== 0)
    throw new Error(
      `image-dsl ${args.join(" ")} ended with ${status}:\n${stderr}${stdout.subarray(0, 4000).toString()}`,
    );
  return stdout;
}

/** Runs a command and gives its stdout; any status but 0 is an error with what it said. */
export function must(command: readonly string[], options: RunOptions): Buffer {
  const { status, stdout, stderr } = run(command, options);
  if (status !== 0)
    throw new Error(`${command.join(" ")} ended with ${status}:\n${stdout.subarray(0, 4000).toString()}${stderr}`);
  return stdout;
}

export function digestOf(args: readonly string[], options: RunOptions): string {
  return cli(["build", ...args, "-o", "digest", "--quiet"], options)
    .toString()
    .trim();
}

/** Builds targets, all or those in `args`, none of which can be built; gives what each is refused with, as users are told it. */
export function refusals(options: RunOptions, args: readonly string[] = []): (target: string) => string {
  const ran = runCli(["build", ...args, "--keep-going", "-o", "digest"], options);
  if (ran.status !== 1) throw new Error(`Ended with ${ran.status}: ${ran.stderr}`);
  const told = failuresOf(ran);
  return (target) => {
    const one = told.get(target);
    if (one === undefined) throw new Error(`Of ${target} nothing is told: ${ran.stderr}`);
    return one;
  };
}

/** What `--keep-going` said of each target that failed, as a build of that one alone would say it. */
export function failuresOf({ stderr }: Ran): ReadonlyMap<string, string> {
  const told = stderr
    .split(/^(?=Error: )/m)
    .map((text) => [/^ {2}target (\S+)$/m.exec(text)?.[1] ?? "", text] as const);
  return new Map(told.filter(([target]) => target !== ""));
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A folder that `nobody` may work in too. Removed by `dispose`. */
export function openFolder(name: string): { path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), `image-dsl-${name}-`));
  chmodSync(path, 0o755);
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** A copy of a project that belongs to `nobody`. */
export function copyForNobody(from: string, to: string): string {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  run(["chown", "-R", `${NOBODY}:${NOBODY}`, to], { cwd: to });
  return to;
}

/** An empty folder of `nobody`'s. */
export function folderForNobody(path: string): string {
  mkdirSync(path, { recursive: true });
  chownSync(path, NOBODY, NOBODY);
  return path;
}

export function writeProject(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function namesIn(folder: string): string[] {
  return readdirSync(folder).toSorted();
}
