/** Says when programs went past a faked session, and refuses the result where that shows. */
import { ImageDslError } from "../error.ts";
import type { RunSpec } from "../model/image-spec.ts";
import { displayPath } from "../model/path.ts";
import type { Escape } from "../tree/file-identity.ts";
import type { RunContext } from "../pipeline/hooks.ts";

const MEND = "Use a dynamically linked program for chown, chmod and mknod, or do it in a runAsRoot script";

/**
 * A file really given to somebody else is proof, and an error: it would be another image without root's rights. Other
 * permissions than were recorded are an error with a statically linked program in the script, else a warning.
 */
export function reportEscapes(
  run: RunSpec,
  escapes: readonly Escape[],
  programs: ReadonlySet<string>,
  context: Pick<RunContext, "target" | "emit">,
): void {
  const first = escapes.find(({ what }) => what === "owner") ?? escapes[0];
  if (first === undefined) return;
  const named = [...programs]
    .toSorted()
    .map((program) => `"${program}"`)
    .join(", ");
  const who = named === "" ? "a program" : `a statically linked program (${named})`;
  const message = `Script "${run.name}" of "${context.target}" changed the ${first.what} of ${displayPath(first.path)} with ${who} that fakeroot cannot reach`;
  if (first.what === "owner" || programs.size > 0) throw new ImageDslError("E_SCRIPT_ESCAPED", message, { hint: MEND });
  context.emit({ type: "warning", code: "W_SCRIPT_ESCAPED", message, hint: MEND });
}

/** Warns of statically linked programs before they run. */
export function warnOfStaticPrograms(
  run: RunSpec,
  found: readonly string[],
  context: Pick<RunContext, "target" | "emit">,
): void {
  for (const program of found) {
    context.emit({
      type: "warning",
      code: "W_SCRIPT_ESCAPED",
      message: `Script "${run.name}" of "${context.target}" runs "${program}", which is statically linked: fakeroot does not see what it does to owners, modes and device nodes`,
      hint: MEND,
    });
  }
}
