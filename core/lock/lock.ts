/** The lock, as stages see it. */
import type { Json } from "../model/json.ts";

/** What moves, pinned: `image.lock.json`. An entry is found by its request's digest, so a changed request is a new entry. */
export interface Lock {
  /**
   * The pinned answer to a request, if it is to be obeyed; undefined when it has to be made: nothing is pinned, or
   * `--update-lock` says so. Throws `E_LOCK_FROZEN` where it would have to be made but the lock is frozen.
   */
  read(kind: string, name: string, request: Json): Json | undefined;
  /** What is pinned for a request, obeyed or not; nothing is thrown where there is nothing. */
  peek(kind: string, request: Json): Json | undefined;
  /** Answers to all requests of the same kind, the older ones too: preferred, not binding. */
  previous(kind: string): readonly { readonly request: Json; readonly answer: Json }[];
  /** Whether `--update-lock` asks for this name (a target, or a package inside an answer) to be sought anew. */
  renews(name: string): boolean;
  write(kind: string, name: string, request: Json, answer: Json): void;
}
