/** Processor time as Linux counts it: what a process does, however much else the machine has to do. */
import { readFileSync, readdirSync } from "node:fs";

/** Of a clock tick, in milliseconds: `USER_HZ` is 100 on every platform that Node runs on. */
const TICK = 10;

/** Milliseconds that processes which this one started took, and that have ended. */
export function cpuOfEndedChildren(): number {
  return sum("self", 13);
}

/** Milliseconds that a running process took until now. */
export function cpuOf(pid: number): number {
  return sum(pid, 11);
}

/** Milliseconds that the running processes of a group took until now. */
export function cpuOfGroup(group: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.reduce((total, pid) => total + cpuIfIn(group, Number(pid)), 0);
}

function cpuIfIn(group: number, pid: number): number {
  try {
    return Number(fieldsOf(pid)[2]) === group ? cpuOf(pid) : 0;
  } catch {
    return 0; // Gone meanwhile.
  }
}

/** Of two fields of proc(5)'s `stat`, counted from behind the program's name. */
function sum(process: number | "self", first: number): number {
  const fields = fieldsOf(process);
  return (Number(fields[first]) + Number(fields[first + 1])) * TICK;
}

/** The name may hold blanks. */
function fieldsOf(process: number | "self"): readonly string[] {
  const text = readFileSync(`/proc/${process}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
