/** A least speed, as curl and apt know it: who sends a byte now and then would hold a build for ever. */

export interface LeastSpeed {
  /** Less than that, on the average over `over`, is an error. */
  readonly bytesPerSecond: number;
  /** Over so many milliseconds of waiting. */
  readonly over: number;
}

/** A modem of 1990 was faster. */
export const LEAST_SPEED: LeastSpeed = { bytesPerSecond: 1000, over: 60_000 };

/** The other side sends, but so little that there would be no end of it. Another try would be as slow. */
export class SlownessError extends Error {
  constructor({ bytesPerSecond, over }: LeastSpeed) {
    super(`it came at less than ${bytesPerSecond} bytes a second for ${over / 1000} seconds`);
  }
}

/** To be told of each piece and of the time spent waiting for it; throws `SlownessError`. */
export function speedWatch(least: LeastSpeed): (bytes: number, waited: number) => void {
  let received = 0;
  let time = 0;
  return (bytes, waited) => {
    received += bytes;
    time += waited;
    if (time < least.over) return;
    if (received < (least.bytesPerSecond * time) / 1000) throw new SlownessError(least);
    received = 0;
    time = 0;
  };
}
