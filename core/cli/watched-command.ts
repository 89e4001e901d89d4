/** The command of `--exec`: one at a time, with what the last build made; the one before it is ended first. */
import { messageOf } from "../error.ts";
import { userEnvironment } from "../host.ts";
import type { BuildEvent } from "../model/event.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import { startBeside, type Beside } from "../process/beside.ts";

export interface WatchedCommand {
  /** Not where it runs and the images are the same: then nothing has changed for it. */
  restart(results: readonly BuildResult[]): Promise<void>;
  stop(): Promise<void>;
}

export interface CommandOptions {
  /** Where its stdout goes. */
  readonly output: "stdout" | "stderr";
  readonly tell: (event: BuildEvent) => void;
}

/** `command`: a line for the shell. Without one there is nothing to do. */
export function watchedCommand(command: string | undefined, { output, tell }: CommandOptions): WatchedCommand {
  let running: Beside | undefined;
  let images: string | undefined;

  async function stop(): Promise<void> {
    const stopped = running;
    running = undefined;
    await stopped?.stop();
  }

  return {
    stop,
    async restart(results) {
      if (command === undefined) return;
      const made = imagesOf(results);
      const now = JSON.stringify(made);
      if (running !== undefined && now === images) return;
      await stop();
      images = now;
      const started = startBeside("sh", ["-c", command], {
        cwd: process.cwd(),
        env: { ...userEnvironment(), ...made },
        output,
      });
      running = started;
      tell({ type: "command", command, state: "started" });
      started.ended.then(
        ({ code, signal }) => {
          if (running !== started) return;
          running = undefined;
          const how = { ...(code !== null && { status: code }), ...(signal !== null && { signal }) };
          tell({ type: "command", command, state: "ended", ...how });
        },
        (error: unknown) => {
          if (running === started) running = undefined;
          tell({ type: "warning", code: "W_EXEC", message: messageOf(error) });
        },
      );
    },
  };
}

/** Of several images one a line, in the order of the targets. */
function imagesOf(results: readonly BuildResult[]): Readonly<Record<string, string>> {
  return {
    IMAGE_DSL_REFERENCE: results.map(({ reference }) => reference).join("\n"),
    IMAGE_DSL_DIGEST: results.map(({ configDigest }) => configDigest).join("\n"),
  };
}
