/** Why there is no result, from what the guest said; each with its mend. */
import { LACKS } from "../guest/init.ts";
import {
  ImageDslError,
  lacksNetwork,
  noNetwork,
  scriptError,
  scriptFailure,
  type RunContext,
  type RunSpec,
} from "../../../core/index.ts";

export function scriptFailed(
  status: number,
  lines: readonly string[],
  run: RunSpec,
  context: Pick<RunContext, "target">,
): ImageDslError {
  return scriptFailure(`failed: exit code ${status}`, lines, run, context, { hint: hintOf(status, lines, run) });
}

/** `error`: what it threw. */
export function functionFailed(
  error: unknown,
  lines: readonly string[],
  run: RunSpec,
  context: Pick<RunContext, "target" | "signal">,
): ImageDslError {
  const status = typeof error === "object" && error !== null && "exitCode" in error ? error.exitCode : undefined;
  return scriptError(error, lines, run, context, hintOf(status, lines, run));
}

function hintOf(status: unknown, lines: readonly string[], run: RunSpec): string | undefined {
  if (!run.network && lacksNetwork(lines)) return noNetwork(run);
  if (lines.some((line) => line.includes("No space left on device")))
    return "It wrote more than diskSize (in MiB) allows: raise it; /tmp and /dev/shm hold half of buildVMMemorySize each";
  if (status === 137) return "It was killed, perhaps for want of memory: raise buildVMMemorySize (in MiB)";
  return undefined;
}

/** How a QEMU ended: its exit status, its last line, and what its guest had said. */
export interface QemuEnd {
  readonly code: number | null;
  readonly words: string;
  readonly guestSaid: string;
}

/** It ended without its end record. */
export function guestDied(end: QemuEnd, { name }: RunSpec, { target }: Pick<RunContext, "target">): ImageDslError {
  const { code, why, hint } = causeOf(end);
  return new ImageDslError(
    code,
    `The virtual machine of script "${name}" of "${target}" died before it was done: ${why}`,
    { hint },
  );
}

interface Cause {
  readonly code: "E_VM" | "E_VM_KERNEL";
  readonly why: string;
  readonly hint: string;
}

/** Why a QEMU ended that should not. Its status alone says little: it is 0 after a panic. */
export function causeOf(end: QemuEnd): Cause {
  const lacking = new RegExp(`${LACKS}(.*)`).exec(end.guestSaid)?.[1]?.trim();
  if (lacking === undefined) return { code: "E_VM", ...machinesCause(end) };
  return {
    code: "E_VM_KERNEL",
    why: `its kernel has no ${lacking}`,
    hint: "Name a kernel that has it built in (--vm-kernel), or the folder of this one's modules (--vm-modules)",
  };
}

function machinesCause({ code, words, guestSaid }: QemuEnd): Omit<Cause, "code"> {
  const panic = /Kernel panic - not syncing: ([^\r\n]*)/.exec(guestSaid)?.[1];
  if (guestSaid.includes("deadlocked on memory") || (panic !== undefined && guestSaid.includes("Out of memory"))) {
    return { why: "it had no memory left", hint: "Raise buildVMMemorySize (in MiB)" };
  }
  if (panic !== undefined) {
    return {
      why: `its kernel stopped (${panic})`,
      hint: "See whether the script does that, by /proc/sysrq-trigger for example; else run the build again",
    };
  }
  const own = /image-dsl: (?!waiting|begun)([^\r\n]*)/.exec(guestSaid)?.[1];
  if (own !== undefined) return { why: own, hint: "Run the build again; if this comes again, report it" };
  if (code === 0) {
    return {
      why: "it was restarted or switched off",
      hint: "Leave reboot, poweroff and halt out of the script",
    };
  }
  if (code === null || code > 128) {
    return {
      why: `QEMU was killed${code === null ? "" : ` (signal ${code - 128})`}`,
      hint: "If the host had no memory left, lower buildVMMemorySize (in MiB) or build fewer images at once",
    };
  }
  return { why: `QEMU ended with status ${code}${words && `: ${words}`}`, hint: "See whether this QEMU works" };
}

/** All may have come, or half of it: the record at its end is not there, or is not this machine's. */
export function resultDamaged({ name }: RunSpec, { target }: Pick<RunContext, "target">): ImageDslError {
  return new ImageDslError(
    "E_VM",
    `What the virtual machine of script "${name}" of "${target}" sent has no valid record at its end, so none of it is believed`,
    { hint: "Run the build again; if this comes again, see what the script does to the devices in /dev" },
  );
}
