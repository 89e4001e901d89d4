/** When something in the store was last used: a file's mtime, renewed at most once a day, so that use costs nothing. */
import { utimesSync } from "node:fs";
import { now } from "../host.ts";

/** What was used within this before now may not have been touched. */
export const USE_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Notes that `file`, of the mtime `usedAt`, is used now; false where that is noted already, or cannot be. */
export function noteUse(file: string, usedAt: number): boolean {
  const time = now();
  if (time - usedAt < USE_MILLISECONDS && usedAt <= time + USE_MILLISECONDS) return false;
  try {
    utimesSync(file, time / 1000, time / 1000);
    return true;
  } catch {
    return false; // A store that cannot be written to is still read.
  }
}
