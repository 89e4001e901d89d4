/** What users are told of a script that failed, whoever ran it. */
import { ImageDslError, messageOf, withDetails } from "../error.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import { aborted } from "../process/child-process.ts";
import { sourcePlace } from "../source-place.ts";
import { scriptFailure } from "./script-log.ts";

/** `lines`: its last ones. `hint`: what to do, where the error itself does not say it. */
export function scriptError(
  error: unknown,
  lines: readonly string[],
  run: RunSpec,
  context: Pick<RunContext, "target" | "signal">,
  hint: string | undefined,
): ImageDslError {
  if (context.signal.aborted) return aborted();
  if (error instanceof ImageDslError && error.code !== "E_SCRIPT_FAILED")
    return error.place === undefined ? withDetails(error, { place: sourcePlace(error) }) : error;
  const own = error instanceof ImageDslError ? error.hint : undefined;
  return scriptFailure(`failed: ${reasonOf(error)}`, lines, run, context, {
    hint: own ?? hint,
    place: sourcePlace(error),
    cause: error,
  });
}

/** zx throws what a command gave: its exit code and signal. Its own message holds the output a second time. */
function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "exitCode" in error) {
    if (typeof error.exitCode === "number") return `exit code ${error.exitCode}`;
    if ("signal" in error && typeof error.signal === "string") return `a command was ended by ${error.signal}`;
  }
  return messageOf(error);
}
