/**
 * Who a mark or a temporary file in the store belongs to, and whether that process still lives. A process is known by
 * its number and its start (numbers are used anew) within one PID namespace of one running kernel. Of processes
 * elsewhere, as in another container or on another machine, nothing is known.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { processId } from "../host.ts";

/** `HOST-PID-START`: in the names of files, so that no file is ever there without its owner. */
export type Owner = string;

export const OWNER_PATTERN = "[0-9a-f]{12}-[0-9]+-[0-9]+";

export type OwnerState = "living" | "dead" | "elsewhere";

let own: Owner | undefined;

/** What names of temporary files of this process hold. */
export function ownOwner(): Owner {
  own ??= `${namespaceName()}-${processId()}-${statusOf(processId())?.start ?? 0}`;
  return own;
}

/** `elsewhere`: of another machine or PID namespace, so that nobody can say; treat it as living. */
export function ownerState(owner: Owner): OwnerState {
  const [namespace, pid, start] = owner.split("-");
  if (namespace !== ownOwner().split("-")[0] || namespace === UNKNOWN)
    return owner === ownOwner() ? "living" : "elsewhere";
  const status = statusOf(Number(pid));
  // Nobody may have taken note of its end yet: a container without an init never does.
  return status?.start === start && status?.isRunning ? "living" : "dead";
}

const UNKNOWN = "000000000000";

/** The number of a PID namespace is one kernel's; the boot's id makes it one of all machines'. */
function namespaceName(): string {
  try {
    // Where /proc shows another namespace's processes, the numbers in it are not ours.
    if (readlinkSync("/proc/self") !== String(processId())) return UNKNOWN;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = readlinkSync("/proc/self/ns/pid");
    return createHash("sha256").update(`${boot} ${namespace}`).digest("hex").slice(0, UNKNOWN.length);
  } catch {
    return UNKNOWN; // Not Linux.
  }
}

interface ProcessStatus {
  /** Clock ticks since the boot. */
  readonly start: string;
  readonly isRunning: boolean;
}

/** proc_pid_stat(5): the second field may hold anything, so fields are counted from its last parenthesis. */
function statusOf(pid: number): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    return start === undefined ? undefined : { start, isRunning: state !== "Z" && state !== "X" };
  } catch {
    return undefined;
  }
}
