/**
 * Long work that never waits would keep Ctrl-C waiting. Such work is a generator that yields wherever it may pause:
 * between entries, and between pieces of a large file.
 */
import { setImmediate as afterOthers, setTimeout as delay } from "node:timers/promises";
import { runtime, ticks } from "../host.ts";

/** Work that yields wherever others may have their turn; `inTurns` runs it to its result. */
export type Pausing<Result> = Generator<undefined, Result, undefined>;

/** How long others wait at most, in milliseconds, if no single step takes longer. */
const TURN = 100;

/** Others have their turn. Deno looks for signals only before timers, not before each round of immediates. */
export function nextTurn(): Promise<void> {
  return runtime() === "deno" ? delay(0) : afterOthers();
}

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

/**
 * Between two steps that take long over very many entries: others have their turn. Throws the signal's reason once it fired.
 */
export async function giveTurn(signal: AbortSignal): Promise<void> {
  // After something was read, the first turn comes before anybody looks for signals.
  await nextTurn();
  await nextTurn();
  signal.throwIfAborted();
}

/** The same chunks. Others have their turn now and then, and once `signal` fired its reason is thrown. */
export async function* interruptible<Chunk>(
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  let last = ticks();
  for await (const chunk of chunks) {
    if (ticks() - last >= TURN) {
      await giveTurn(signal);
      last = ticks();
    }
    signal.throwIfAborted();
    yield chunk;
  }
}

/** Goes through very many: a pause after each would take longer than most of what is done with one. */
export function* visitAll<Item>(items: Iterable<Item>, visit: (item: Item) => void): Pausing<void> {
  let count = 0;
  for (const item of items) {
    visit(item);
    if (++count % PAUSE_AFTER === 0) yield;
  }
}

const PAUSE_AFTER = 1024;

/** For small work, and where nobody waits. */
export function atOnce<Result>(work: Pausing<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
