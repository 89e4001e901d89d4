/** An error on its way from a worker thread: its parts, since a clone would lose its class. */
import type { ErrorCode } from "../error-codes.ts";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";

export interface WorkerFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  /** Of an error of the system (`ENOSPC`, …), which stays one: whoever waits for the task may know what it means. */
  readonly systemCode?: string | undefined;
}

export function failureOf(error: unknown): WorkerFailure {
  if (error instanceof ImageDslError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "E_INTERNAL", message: messageOf(error), hint: undefined, systemCode: systemCodeOf(error) };
}

export function errorOf({ code, message, hint, systemCode }: WorkerFailure): Error {
  if (systemCode !== undefined) return Object.assign(new Error(message), { code: systemCode });
  return new ImageDslError(code, message, { hint });
}

/** A worker that ended by itself, whatever it was doing. */
export function workerDied(task: string, how: string): ImageDslError {
  return new ImageDslError("E_INTERNAL", `The worker that ran the task "${task}" died: ${how}`);
}
