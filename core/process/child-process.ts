/**
 * Child processes: started without a shell, each in a process group of its own, never outliving their caller. The
 * only room that starts any.
 */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { environment } from "../host.ts";

/** How long a group may take to end after SIGTERM before SIGKILL, in milliseconds. */
const GRACE = 2000;

/** What is kept of each stream, in characters: its end. */
const TAIL = 64 * 1024;

/** Where administrators' tools live that an ordinary user's PATH may lack. */
const SYSTEM_DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** How a program of the host is started. */
export interface RunOptions {
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Once it fires, the program and its group are ended. */
  readonly signal: AbortSignal;
  /** Standard input; empty without it. What a stream throws ends the program and is thrown. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Every line of both streams as it comes, without its newline. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

/** How a program ended; a status other than 0 is a result too, and nothing is thrown for it. */
export interface RunResult {
  /** null after a signal. */
  readonly code: number | null;
  /** What ended it, such as `SIGKILL`; null where it ended by itself. */
  readonly signal: string | null;
  /** The last 64 KiB characters. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
}

/**
 * Runs a program to its end. What it leaves running in its process group is killed. Throws `E_TOOL_MISSING` where
 * there is no such program and `E_ABORTED` once `signal` fired and the group is gone.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  if (options.signal.aborted) throw aborted();
  const child = startProcess(command, args, options);
  const stdout = collect(child, "stdout", options.onLine);
  const stderr = collect(child, "stderr", options.onLine);
  const fed = feed(child, options.input);
  // The error itself is met once the program has ended.
  fed.catch(() => terminateGroup(child));
  const stop = () => terminateGroup(child);
  options.signal.addEventListener("abort", stop, { once: true });
  try {
    const { code, signal } = await ended(child, command);
    if (options.signal.aborted) throw aborted();
    await fed;
    return { code, signal, stdout: stdout(), stderr: stderr() };
  } finally {
    options.signal.removeEventListener("abort", stop);
  }
}

/** Starts a program at the head of its own process group; standard input is a pipe, as is what `stdio` does not say otherwise. */
export function startProcess(
  command: string,
  args: readonly string[],
  { cwd, env, stdio = "pipe" }: Pick<RunOptions, "cwd" | "env"> & Pick<SpawnOptions, "stdio">,
): ChildProcess {
  return spawn(command, args, { cwd, env: { ...env }, stdio, detached: true });
}

/** Waits for a started process and its streams to end. What it leaves running in its group is killed. */
export function ended(child: ChildProcess, command: string): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(startError(command, cause)));
    // A background child keeps the pipes open, so `close` would wait for it for ever.
    child.once("exit", () => killGroup(child, "SIGKILL"));
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** SIGTERM to the whole group, and SIGKILL to what is left of it a little later. */
export function terminateGroup(child: ChildProcess): void {
  killGroup(child, "SIGTERM");
  const timer = setTimeout(() => {
    killGroup(child, "SIGKILL");
    // A process that left the group may still hold the pipes: it is not waited for.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, GRACE);
  child.once("close", () => clearTimeout(timer));
}

/** The absolute path of a program of the host, sought in PATH and the system's usual directories. */
export function findProgram(name: string): string | undefined {
  const directories = (environment()["PATH"] ?? "").split(":").filter((directory) => directory.startsWith("/"));
  return [...directories, ...SYSTEM_DIRECTORIES].map((directory) => join(directory, name)).find(isProgram);
}

/** What an interrupted build throws. */
export function aborted(): ImageDslError {
  return new ImageDslError("E_ABORTED", "The build was interrupted");
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** No faster than it is read, and no further than the program wants it: it need not read its input. */
async function feed(child: ChildProcess, input: RunOptions["input"]): Promise<void> {
  const stdin = child.stdin!;
  stdin.on("error", () => {});
  if (input === undefined || typeof input === "string" || input instanceof Uint8Array) {
    stdin.end(input);
    return;
  }
  for await (const chunk of input) {
    if (stdin.destroyed) return;
    // Its bytes may become others while they wait to be written.
    if (!stdin.write(Buffer.from(chunk))) await drained(stdin);
  }
  stdin.end();
}

/** Until there is room, or nobody reads any longer. */
function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off("drain", done).off("close", done);
      resolve();
    };
    stdin.on("drain", done).on("close", done);
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function collect(child: ChildProcess, name: "stdout" | "stderr", onLine: RunOptions["onLine"]): () => string {
  let tail = "";
  const decoder = new StringDecoder("utf8");
  child[name]?.on("data", (chunk: Buffer) => {
    tail += decoder.write(chunk);
    if (tail.length > 2 * TAIL) tail = tail.slice(-TAIL);
  });
  if (onLine) readLines(child[name], (line) => onLine(line, name));
  return () => tail.slice(-TAIL);
}

/** Hands on a stream's lines, without their ends; a line longer than 64 KiB characters is cut. */
export function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream?.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
    if (rest.length > TAIL) {
      onLine(rest);
      rest = "";
    }
  });
  stream?.on("end", () => {
    rest += decoder.end();
    if (rest !== "") onLine(rest);
  });
}

function startError(command: string, cause: Error): ImageDslError {
  const code = systemCodeOf(cause);
  if (code === "ENOENT" || code === "EACCES") {
    return new ImageDslError("E_TOOL_MISSING", `Cannot start "${command}": ${messageOf(cause)}`, {
      hint: `Install "${command}" and see that it may be executed`,
      cause,
    });
  }
  return new ImageDslError("E_INTERNAL", `Cannot start "${command}": ${messageOf(cause)}`, { cause });
}
