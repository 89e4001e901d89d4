/** What a script writes: told line by line, its last lines in the error where it fails. */
import { ImageDslError, type ErrorDetails } from "../error.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { RunContext } from "../pipeline/hooks.ts";

/** Lines of a failed script's output that its error shows. */
const SHOWN_LINES = 20;

/** Tells each line of a script as an event, and keeps the last twenty for `scriptFailure`. */
export interface ScriptLog {
  /** The last ones. */
  readonly lines: readonly string[];
  /** One line of either stream, without its newline. */
  add(line: string): void;
}

/** For one run of a script; lines are told as events of type `script-output`. */
export function scriptLog({ name }: RunSpec, { emit, target }: Pick<RunContext, "emit" | "target">): ScriptLog {
  const lines: string[] = [];
  return {
    lines,
    add(line) {
      lines.push(line);
      if (lines.length > SHOWN_LINES) lines.shift();
      emit({ type: "script-output", target, script: name, line });
    },
  };
}

/** `seconds`: what it was given. */
export function scriptTookTooLong(
  seconds: number,
  lines: readonly string[],
  run: RunSpec,
  context: Pick<RunContext, "target">,
): ImageDslError {
  return scriptFailure(`was ended: it was not done after ${seconds} seconds`, lines, run, context, {
    hint: "See what it waits for, or raise buildVMTimeout (in seconds)",
  });
}

/** `E_SCRIPT_FAILED`. `what`: the sentence that the script is the subject of. `lines`: its last ones. */
export function scriptFailure(
  what: string,
  lines: readonly string[],
  { name }: RunSpec,
  { target }: Pick<RunContext, "target">,
  details: ErrorDetails,
): ImageDslError {
  const output = lines.length === 0 ? "" : `; its last output:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new ImageDslError("E_SCRIPT_FAILED", `Script "${name}" of "${target}" ${what}${output}`, details);
}
