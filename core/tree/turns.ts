/**
 * Long work that never waits would keep Ctrl-C waiting. Such work is a generator that yields wherever it may pause:
 * between entries, and between pieces of a large file.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { ticks } from "../host.ts";

export type Pausing<Result> = Generator<undefined, Result, undefined>;

/** How long others wait at most, in milliseconds, if no single step takes longer. */
const TURN = 100;

/** Lets others have their turn now and then. Once `signal` fired, the work ends at a pause with the signal's reason. */
export async function inTurns<Result>(work: Pausing<Result>, signal: AbortSignal): Promise<Result> {
  for (let last = ticks(); ;) {
    const step = work.next();
    if (step.done) return step.value;
    if (ticks() - last < TURN) continue;
    await nextTurn();
    if (signal.aborted) {
      work.return(undefined as Result); // Closes what is open.
      throw signal.reason;
    }
    last = ticks();
  }
}

/** For small work, and where nobody waits. */
export function atOnce<Result>(work: Pausing<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
