/** What every command does around its work: a reporter, Ctrl-C, an exit status. */
import { ImageDslError } from "../error.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { Program, Reporter, ReporterOptions } from "./program.ts";

const STOP_MILLISECONDS = 5000;

export interface CommandContext {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** Tells the error, if there is one, and gives the exit status. */
export async function runCommand(
  program: Program,
  options: ReporterOptions,
  work: (context: CommandContext) => Promise<void>,
): Promise<number> {
  const reporter = await program.reporter(options);
  const interruption = listenForInterrupt(() => {
    reporter.event({ type: "note", message: "Stopping; once more to end at once" });
  });
  try {
    await Promise.race([work({ reporter, signal: interruption.signal }), longAfter(interruption.signal)]);
    await reporter.finish();
    return 0;
  } catch (error) {
    // What broke because it was asked to stop is no news.
    return tell(reporter, interruption.signal.aborted ? new ImageDslError("E_ABORTED", "Stopped") : error);
  } finally {
    interruption.dispose();
    reporter.close();
  }
}

/** For what is over in a moment: gives the result, or the exit status after telling what went wrong. */
export async function runQuietly<Result extends object>(
  program: Program,
  options: ReporterOptions,
  work: () => Promise<Result>,
): Promise<Result | number> {
  try {
    return await work();
  } catch (error) {
    const reporter = await program.reporter(options);
    return tell(reporter, error);
  }
}

/** Rejects when the work has had time enough to stop and clean up; a config's own code may not listen at all. */
function longAfter(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = (): void => reject(new Error("The work did not stop"));
    signal.addEventListener("abort", () => setTimeout(giveUp, STOP_MILLISECONDS).unref(), { once: true });
  });
}

function tell(reporter: Reporter, error: unknown): number {
  reporter.error(error);
  return error instanceof ImageDslError ? error.exitStatus : 1;
}
