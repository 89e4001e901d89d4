/**
 * A least speed, as curl and apt know it: who sends a byte now and then would hold a build for ever. A short document is to be there after
 * some minutes, too: at the least speed it could take an hour.
 */
import { limitOf, type Most } from "../limits/limits.ts";

/** How slowly the other side may send. */
export interface LeastSpeed {
  /** Less than that, on the average over `over`, is an error. */
  readonly bytesPerSecond: number;
  /** Over so many milliseconds of waiting. */
  readonly over: number;
}

/** A modem of 1990 was faster. */
export const LEAST_SPEED: LeastSpeed = { bytesPerSecond: 1000, over: 60_000 };

/** What is larger may take as long as it moves. */
const LARGEST_SHORT = 8 * 1024 * 1024;
const SHORT_TIME = 600_000;

/** How many milliseconds of waiting an answer may take in all. Of what was announced by its size only the speed counts. */
export function longestWait(maxBytes: Most): number {
  return typeof maxBytes !== "number" && limitOf(maxBytes) <= LARGEST_SHORT ? SHORT_TIME : Infinity;
}

/** The other side sends, but so little that there would be no end of it. Another try would be as slow. */
export class SlownessError extends Error {}

/** To be told of each piece and of the time spent waiting for it; throws `SlownessError`. `most`: milliseconds for all of them. */
export function speedWatch(
  { bytesPerSecond, over }: LeastSpeed,
  most: number = Infinity,
): (bytes: number, waited: number) => void {
  let received = 0;
  let time = 0;
  let whole = 0;
  return (bytes, waited) => {
    received += bytes;
    time += waited;
    whole += waited;
    if (whole > most) throw new SlownessError(`it was not there after ${most / 1000} seconds`);
    if (time < over) return;
    if (received < (bytesPerSecond * time) / 1000) {
      throw new SlownessError(`it came at less than ${bytesPerSecond} bytes a second for ${over / 1000} seconds`);
    }
    received = 0;
    time = 0;
  };
}
