/** A program as a connection: what goes in is its stdin, what comes out its stdout. */
import type { Readable, Writable } from "node:stream";
import { ended, readLines, startProcess, terminateGroup, type RunOptions } from "./child-process.ts";

/** A running program that is spoken to over its standard streams. */
export interface ProgramStream {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Its standard input; end it, or the program may wait for ever. */
  readonly input: Writable;
  /** Its standard output; while nobody reads it, the program waits. */
  readonly output: Readable;
  /** How it ended; rejects with `E_TOOL_MISSING` where it cannot be started. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** The last line of its stderr. */
  lastWords(): string;
  /** SIGTERM to the program and its group, SIGKILL a little later; `ended` says when that is done. */
  stop(): void;
}

/** `onLine` is told each line of its stderr. */
export function programStream(
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, "cwd" | "env">,
  onLine: (line: string) => void = () => {},
): ProgramStream {
  const child = startProcess(command, args, options);
  let last = "";
  readLines(child.stderr, (line) => {
    onLine(line);
    if (line.trim() !== "") last = line.trim();
  });
  const over = ended(child, command);
  // Who asks is told; nobody has to.
  over.catch(() => {});
  return {
    pid: child.pid,
    input: child.stdin!,
    output: child.stdout!,
    ended: over,
    lastWords: () => last,
    stop: () => terminateGroup(child),
  };
}
