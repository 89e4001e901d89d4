/** The lock, as stages see it. */
import type { Json } from "../model/json.ts";
import type { AnswerSchema } from "./answer.ts";

/**
 * What moves, pinned: `image.lock.json`. An entry is found by its request's digest, so a changed request is a new entry. A lock
 * may come from anywhere: whoever takes an answer says how it has to be, and one that is not throws `E_LOCK_INVALID`.
 */
export interface Lock {
  /**
   * The pinned answer to a request, if it is to be obeyed; undefined when it has to be made: nothing is pinned, or
   * `--update-lock` says so, by this name or one of `alsoNamed`. Throws `E_LOCK_FROZEN` where it would have to be made but the
   * lock is frozen.
   */
  read<Answer>(
    kind: string,
    name: string,
    request: Json,
    schema: AnswerSchema<Answer>,
    alsoNamed?: readonly string[],
  ): Answer | undefined;
  /** What is pinned for a request, obeyed or not; nothing is thrown where there is nothing. */
  peek<Answer>(kind: string, request: Json, schema: AnswerSchema<Answer>): Answer | undefined;
  /** Answers to all requests of the same kind, the older ones too: preferred, not binding. One that was not written since is the same object. */
  previous<Answer>(kind: string, schema: AnswerSchema<Answer>): readonly PreviousAnswer<Answer>[];
  /** Whether `--update-lock` asks for this name (a target, or a package inside an answer) to be sought anew. */
  renews(name: string): boolean;
  /** Pins an answer; the file is written once the build has succeeded. Throws `E_LOCK_FROZEN` where a frozen lock has another one. */
  write(kind: string, name: string, request: Json, answer: Json): void;
  /** As `write`, for what holds also where it is out of date: a frozen lock keeps what it has. */
  remember(kind: string, name: string, request: Json, answer: Json): void;
}

/** What was pinned for another request of the same kind. */
export interface PreviousAnswer<Answer> {
  /** As `write` was given it, to compare with one's own. */
  readonly request: Json;
  /** Checked when it is asked for. */
  answer(): Answer;
}

/** How what a run asked for compares with what was pinned before it. */
export interface LockReview {
  /** Asked for, and not in the file. */
  readonly unpinned: readonly PinName[];
  /** In the file, and not asked for. */
  readonly unasked: readonly PinName[];
}

export interface PinName {
  readonly kind: string;
  readonly name: string;
}
