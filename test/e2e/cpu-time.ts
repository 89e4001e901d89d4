/** Processor time as Linux counts it: what a process does, however much else the machine has to do. */
import { readFileSync } from "node:fs";

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

/** Of two fields of proc(5)'s `stat`, counted from behind the program's name, which may hold blanks. */
function sum(process: number | "self", first: number): number {
  const text = readFileSync(`/proc/${process}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[first]) + Number(fields[first + 1])) * TICK;
}
