/** A program that runs beside us, on our own stdout and stderr, until it is stopped. */
import { ended, startProcess, terminateGroup, type RunOptions, type RunResult } from "./child-process.ts";

export interface Beside {
  /** How it ended, by itself or stopped. Rejects where it could not be started. */
  readonly ended: Promise<Pick<RunResult, "code" | "signal">>;
  /** Ends it and all in its process group, and waits for that. */
  stop(): Promise<void>;
}

/** `output`: where what it prints on stdout goes. It has no standard input: it is in no terminal's foreground. */
export function startBeside(
  command: string,
  args: readonly string[],
  { output, ...options }: Pick<RunOptions, "cwd" | "env"> & { readonly output: "stdout" | "stderr" },
): Beside {
  const child = startProcess(command, args, { ...options, stdio: ["ignore", output === "stdout" ? 1 : 2, 2] });
  let isOver = false;
  const end = ended(child, command).finally(() => {
    isOver = true;
  });
  return {
    ended: end,
    async stop() {
      if (!isOver) terminateGroup(child);
      await end.catch(() => {});
    },
  };
}
