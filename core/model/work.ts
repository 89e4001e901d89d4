/**
 * Work that may be done in several places: this machine's threads, other machines. What comes of it is the same in all of them, and whoever wants it
 * does not know who did it. How it travels is plain data and blobs by their content, and none of that is made before another place is to have it.
 */
import type { RemoteAnswer, RemoteBlob, RemoteTask, RemoteWorkers } from "./remote-work.ts";

export interface Work<Made> {
  /** What it makes, for people: "layers". */
  readonly kind: string;
  /** Which of that, for people. */
  readonly name: string;
  /** Bytes that it makes, each weighed by what it takes. */
  readonly effort: number;
  /** Bytes that come back, as a rule, where it is done elsewhere. */
  readonly returned: number;
  /** By this machine's threads. What is large is made while it is read. */
  here(): Promise<Made>;
  /** Without it, it is done here. */
  readonly travelling?: TravellingWork<Made> | FetchedWork<Made>;
  /** Why it does not travel, for people, where somebody could expect it to. */
  readonly stays?: string;
}

export interface TravellingWork<Made> {
  /** All that decides the outcome. Throws where something of this host cannot be read. */
  pack(): Promise<PackedWork>;
  /** What came of it, once it was looked at. Throws `E_HASH_MISMATCH` for what is not what it should be. */
  take(answer: RemoteAnswer, from: Pick<RemoteWorkers, "read">): Promise<Made>;
}

/** What came of it when it was done before is known by its bytes: they are fetched where they are still there, and nothing is done elsewhere. */
export interface FetchedWork<Made> {
  readonly blob: RemoteBlob;
  /** Throws `E_HASH_MISMATCH` for what is not what it should be. */
  fetch(from: Pick<RemoteWorkers, "read">): Promise<Made>;
}

export interface PackedWork {
  readonly task: RemoteTask;
  /** All of the task's blobs. */
  readonly inputs: readonly WorkInput[];
}

/** A blob that work needs, and its bytes here. */
export interface WorkInput {
  readonly blob: RemoteBlob;
  open(): AsyncIterable<Uint8Array>;
}

/** Who does work. */
export interface Place {
  /** As it is shown to people. */
  readonly name: string;
  /** How many pieces of work it has at a time. */
  readonly jobs: number;
  /** Whether it can do this. */
  takes<Made>(work: Work<Made>): boolean;
  /** What it would take to have work done there that it takes. */
  offer<Made>(work: Work<Made>, signal: AbortSignal): Promise<Offer<Made>>;
  /** Ends all that is under way. */
  close(): Promise<void>;
}

export interface Offer<Made> {
  /** It was done before: only what came of it is fetched. */
  readonly isKnown: boolean;
  /** Bytes that have to be brought there; infinitely many for what could only be fetched, and is not there. */
  readonly moved: number;
  /** Has it done. Throws what doing it throws. */
  take(): Promise<Outcome<Made>>;
}

export interface Outcome<Made> {
  readonly made: Made;
  /** Who did it, for people; undefined where it was done before. */
  readonly worker: string | undefined;
  /** How long bringing `moved` bytes took, where that was done. */
  readonly seconds?: number;
}
