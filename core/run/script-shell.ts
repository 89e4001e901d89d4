/** zx's `$` for functions: each command runs where the runner says, and none outlives the function. */
import type { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { ImageDslError } from "../error.ts";
import { rememberCall, thisCall } from "../source-place.ts";
import type { ScriptShell } from "../model/image-spec.ts";
import { aborted, readLines } from "../process/child-process.ts";
import type { ScriptShellProgram } from "./script-place.ts";

export interface ShellOptions {
  readonly shell: ScriptShellProgram;
  readonly directory: string;
  /** The script's own environment, which it is shown. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a text of the shell's language. Throws for one that must not run. */
  readonly start: (text: string, directory: string, env: Readonly<Record<string, string>>) => StartedCommand;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface StartedCommand {
  /** What zx takes for a child of Node's. */
  readonly child: CommandProcess;
  /** Once it and its output have ended, however. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Events: those of a ChildProcess. */
export interface CommandProcess extends EventEmitter {
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

export interface RunningShell {
  readonly $: ScriptShell;
  /** Ends what still runs. Throws `E_SCRIPT_FAILED` for a command that nobody waited for. */
  close(): Promise<void>;
}

/** Loads zx when the first function runs. */
export async function openShell(options: ShellOptions): Promise<RunningShell> {
  const { $, quote } = await import("zx");
  const running = new Set<StartedCommand>();
  const stop = () => {
    for (const command of running) command.stop();
  };
  options.signal.addEventListener("abort", stop, { once: true });
  const spawn = (text: string, _args: unknown, settings: { cwd?: unknown; env?: unknown }): CommandProcess => {
    if (options.signal.aborted) throw aborted();
    const directory = typeof settings.cwd === "string" ? settings.cwd : options.directory;
    const command = options.start(text, directory, settings.env as Readonly<Record<string, string>>);
    const { child, ended } = command;
    readLines(child.stdout, options.onLine);
    readLines(child.stderr, options.onLine);
    running.add(command);
    void ended.then(() => running.delete(command));
    return child;
  };
  // Every option that zx would otherwise take from ZX_… variables is given.
  const shell = $({
    spawn: spawn as never,
    shell: options.shell.path,
    prefix: options.shell.isBash ? "set -euo pipefail; " : "set -eu; ",
    postfix: "",
    quote,
    cwd: options.directory,
    env: { ...options.env },
    stdio: "pipe",
    preferLocal: false,
    detached: false,
    verbose: false,
    quiet: true,
    nothrow: false,
    killSignal: "SIGTERM",
    timeoutSignal: "SIGTERM",
  });
  return {
    $: (pieces, ...values) => {
      const call = thisCall();
      const command = shell(pieces, ...(values as string[]));
      // A failure that the function does not wait for must not end the whole program.
      command.catch((error: object) => rememberCall(error, call));
      return command;
    },
    async close() {
      const left = [...running];
      stop();
      await Promise.all(left.map(({ ended }) => ended));
      options.signal.removeEventListener("abort", stop);
      if (left.length > 0 && !options.signal.aborted) {
        throw new ImageDslError(
          "E_SCRIPT_FAILED",
          "The script's function returned while a command of its was still running",
          {
            hint: "Write `await` before each $`…`, or return the last one",
          },
        );
      }
    },
  };
}

/** bash reads `~/.bashrc` when its input is a socket, as it is under Node and Bun. */
export function shellFlags({ isBash }: ScriptShellProgram): readonly string[] {
  return isBash ? ["--norc", "--noprofile"] : [];
}
