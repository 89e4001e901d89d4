/** Why there is no result, from what the guest said. */
import { ImageDslError, type RunContext, type RunSpec } from "../../../core/index.ts";

export function scriptFailed(
  status: number,
  lines: readonly string[],
  { name }: RunSpec,
  { target }: Pick<RunContext, "target">,
): ImageDslError {
  const output = lines.length === 0 ? "" : `; its last output:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  const message = `Script "${name}" of "${target}" failed: exit code ${status}${output}`;
  const hint = hintOf(status, lines);
  return new ImageDslError("E_SCRIPT_FAILED", message, hint === undefined ? {} : { hint });
}

function hintOf(status: number, lines: readonly string[]): string | undefined {
  if (lines.some((line) => line.includes("No space left on device")))
    return "It wrote more than diskSize (in MiB) allows: raise it";
  if (status === 137) return "It was killed, perhaps for want of memory: raise buildVMMemorySize (in MiB)";
  return undefined;
}

/** It ended without its end record. */
export function guestDied(words: string, { name }: RunSpec, { target }: Pick<RunContext, "target">): ImageDslError {
  const panic = /Kernel panic - not syncing: ([^\r\n]*)/.exec(words)?.[1];
  const outOfMemory = words.includes("Out of memory") || words.includes("deadlocked on memory");
  const why = panic === undefined ? "QEMU ended" : `its kernel stopped (${panic})`;
  return new ImageDslError(
    "E_VM",
    `The virtual machine of script "${name}" of "${target}" died before it was done: ${why}`,
    {
      hint: outOfMemory
        ? "It had no memory left: raise buildVMMemorySize (in MiB)"
        : "Run the build again; it says more with --verbose",
    },
  );
}
