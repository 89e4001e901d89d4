/** zx's `$` for functions: each command is a child of ours, in the runner's session, and none outlives the function. */
import type { ChildProcess } from "node:child_process";
import { ImageDslError } from "../error.ts";
import { rememberCall, thisCall } from "../source-place.ts";
import type { ScriptShell } from "../model/image-spec.ts";
import { aborted, ended, readLines, startProcess, terminateGroup } from "../process/child-process.ts";
import { prepared } from "./script-environment.ts";
import type { InnerCommand, ScriptShellProgram } from "./script-place.ts";

export interface ShellOptions {
  readonly shell: ScriptShellProgram;
  readonly directory: string;
  /** The script's own environment, which it is shown, without what `enter` adds. */
  readonly env: Readonly<Record<string, string>>;
  readonly enter: (command: readonly string[], env: Readonly<Record<string, string>>) => InnerCommand;
  /** For what has no processes of its own: by which what it starts is found. */
  readonly mark: bigint;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** Told of each command's text before it runs. Throws where it must not run. */
  readonly onCommand: (text: string) => void;
}

export interface RunningShell {
  readonly $: ScriptShell;
  /** Ends what still runs. Throws `E_SCRIPT_FAILED` for a command that nobody waited for. */
  close(): Promise<void>;
}

/** Loads zx when the first function runs. */
export async function openShell(options: ShellOptions): Promise<RunningShell> {
  const { $, quote } = await import("zx");
  const running = new Map<ChildProcess, Promise<void>>();
  const stop = () => {
    for (const child of running.keys()) terminateGroup(child);
  };
  options.signal.addEventListener("abort", stop, { once: true });
  const spawn = (text: string, _args: unknown, settings: { cwd?: unknown; env?: unknown }): ChildProcess => {
    if (options.signal.aborted) throw aborted();
    options.onCommand(text);
    const env = settings.env as Readonly<Record<string, string>>;
    const inner = options.enter([options.shell.path, ...shellFlags(options.shell), "-c", text], env);
    const [command, ...args] = prepared(inner.command, inner.ownProcesses ? undefined : options.mark);
    const child = startProcess(command!, args, {
      cwd: typeof settings.cwd === "string" ? settings.cwd : options.directory,
      env: inner.env,
    });
    child.stdin?.end(); // Nothing to read; else a command that reads would wait for ever.
    readLines(child.stdout, options.onLine);
    readLines(child.stderr, options.onLine);
    // zx tells the function of a failure; here only the end counts.
    const end = ended(child, command!).then(
      () => {},
      () => {},
    );
    running.set(
      child,
      end.finally(() => running.delete(child)),
    );
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
      const left = [...running.values()];
      stop();
      await Promise.all(left);
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
