/** Signals as docker and podman read them in `StopSignal`: by name, with or without `SIG`, in any case, or by number. */

// oxfmt-ignore
const NAMES = [
  "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF",
  "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM",
  "WINCH", "XCPU", "XFSZ",
] as const;

type Name = (typeof NAMES)[number] | `RTMIN${"" | `+${number}`}` | `RTMAX${"" | `-${number}`}`;

/** `SIGTERM`, `term` or `15`; real-time ones as `SIGRTMIN+3`. The empty text means SIGTERM. */
export type StopSignal = "" | Name | `SIG${Name}` | Lowercase<Name | `SIG${Name}`> | `${number}`;

/** Linux has 64 signals; the real-time ones begin with SIGRTMIN, which is 34, and are told from both ends. */
const LAST = 64;
const OF_MINIMUM = 15;
const OF_MAXIMUM = 14;

/** Empty is unset: SIGTERM. */
export function isStopSignal(text: string): boolean {
  if (text === "") return true;
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= LAST;
  const name = text.toUpperCase().replace(/^SIG/, "");
  const [, end, distance] = /^RT(MIN|MAX)(?:[+-]([1-9]\d?))?$/.exec(name) ?? [];
  if (end === undefined) return NAMES.some((each) => each === name);
  if (distance === undefined) return true;
  return end === "MIN"
    ? name.includes("+") && Number(distance) <= OF_MINIMUM
    : name.includes("-") && Number(distance) <= OF_MAXIMUM;
}
