/** What is made of little is a bomb, whatever packed it: a compressed stream, or a repository of git's. */
import { isWithin } from "./limits.ts";

/** Less is bounded well enough by its size alone. */
const FREE_BYTES = 64 * 1024 * 1024;

/** Bytes that may come out in any case, and for so many that went in. */
export function roomOf(consumed: number, maxRatio: number): number {
  return Math.max(FREE_BYTES, consumed * maxRatio);
}

/** Against `unpack.ratio`. */
export function isWithinRatio(consumed: number, produced: number): boolean {
  return produced <= FREE_BYTES || isWithin("unpack.ratio", produced / consumed);
}
