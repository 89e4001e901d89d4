/** QEMU as a child that cannot outlive us: a shell holds a pipe of ours, and ends QEMU when that breaks, for whatever reason. */
import { programStream } from "../../../core/index.ts";
import type { QemuProgram } from "./program.ts";

const KEEPER = `exec 3<&0
"$@" </dev/null 3<&- &
qemu=$!
{ read -r end <&3; kill -9 $qemu; } 2>/dev/null &
exec 3<&-
wait $qemu`;

export interface QemuProcess {
  /** Once it is gone, its exit status and the last line that it said. Rejects with `E_ABORTED`, `E_TOOL_MISSING`. */
  readonly ended: Promise<{ readonly code: number | null; readonly words: string }>;
  /** Ends it at once. */
  stop(): void;
}

/** `directory`: what its arguments' paths begin from. */
export function startQemu(
  { command, env }: QemuProgram,
  args: readonly string[],
  directory: string,
  signal: AbortSignal,
): QemuProcess {
  signal.throwIfAborted();
  const options = { cwd: directory, env };
  const stream = programStream("/bin/sh", ["-c", KEEPER, "sh", ...command, ...args], options);
  const stop = (): void => void stream.input.end();
  stream.input.on("error", () => {});
  stream.output.resume();
  signal.addEventListener("abort", stop, { once: true });
  const ended = stream.ended
    .finally(() => signal.removeEventListener("abort", stop))
    .then(({ code }) => {
      signal.throwIfAborted();
      return { code, words: stream.lastWords() };
    });
  ended.catch(() => {}); // Who waits is told.
  return { ended, stop };
}
