/** Other machines as a place for work: what they know is fetched; else what they lack is sent, and the work is done there. */
import { ImageDslError } from "../../error.ts";
import { ticks } from "../../host.ts";
import type { RemoteAnswer, RemoteWorkers } from "../../model/remote-work.ts";
import { sharedWrites, type SharedWrites } from "./shared-writes.ts";
import type { FetchedWork, Offer, Outcome, PackedWork, Place, TravellingWork, WorkInput } from "../../model/work.ts";

/** Storage that deletes again and again what a task needs, or what it made, has too little room to wait for. */
const MOST_ATTEMPTS = 3;

export function workersPlace(workers: RemoteWorkers): Place {
  const writes = sharedWrites(workers);
  return {
    name: workers.place,
    jobs: workers.jobs,
    takes: ({ travelling }) => travelling !== undefined,
    offer: ({ travelling }, signal) =>
      "blob" in travelling! ? offerBlob(travelling, workers) : offer(travelling!, workers, writes, signal),
    close: () => workers.close(),
  };
}

async function offerBlob<Made>({ blob, fetch }: FetchedWork<Made>, workers: RemoteWorkers): Promise<Offer<Made>> {
  const isKnown = (await workers.missing([blob])).length === 0;
  return {
    isKnown,
    moved: isKnown ? 0 : Infinity,
    take: async () => ({ made: await fetch(workers), worker: undefined }),
  };
}

async function offer<Made>(
  travelling: TravellingWork<Made>,
  workers: RemoteWorkers,
  writes: SharedWrites,
  signal: AbortSignal,
): Promise<Offer<Made>> {
  const packed = await travelling.pack();
  const first = await stateOf(packed, workers, signal);

  async function attempt({ answer, missing, asked }: State): Promise<Outcome<Made>> {
    if (answer !== undefined) return { made: await travelling.take(answer, workers), worker: workerOf(answer) };
    const began = ticks();
    for (const input of missing) {
      signal.throwIfAborted();
      await writes.write(input, asked);
    }
    const seconds = (ticks() - began) / 1000;
    const done = await workers.run(packed.task, signal);
    return { made: await travelling.take(done, workers), worker: workerOf(done), seconds };
  }

  const workerOf = ({ isCached, worker = workers.place }: RemoteAnswer): string | undefined =>
    isCached ? undefined : worker;

  return {
    isKnown: first.answer !== undefined,
    moved: first.missing.reduce((sum, { blob }) => sum + (writes.isUnderWay(blob.digest) ? 0 : blob.size), 0),
    async take() {
      for (let state = first, attempts = 1; ; attempts++) {
        try {
          return await attempt(state);
        } catch (error) {
          const isMissing = error instanceof ImageDslError && error.code === "E_REMOTE_MISSING";
          if (!isMissing || attempts === MOST_ATTEMPTS) throw error;
        }
        state = await stateOf(packed, workers, signal);
      }
    },
  };
}

/** What is there of a piece of work: what came of it, or what it needs. */
interface State {
  readonly answer: RemoteAnswer | undefined;
  readonly missing: readonly WorkInput[];
  /** When. */
  readonly asked: number;
}

async function stateOf({ task, inputs }: PackedWork, workers: RemoteWorkers, signal: AbortSignal): Promise<State> {
  const asked = ticks();
  const answer = await workers.lookup(task, signal);
  if (answer !== undefined) return { answer, missing: [], asked };
  const byDigest = new Map(inputs.map((input) => [input.blob.digest, input]));
  const missing = await workers.missing([...byDigest.values()].map(({ blob }) => blob));
  return { answer, missing: missing.map(({ digest }) => byDigest.get(digest)!), asked };
}
