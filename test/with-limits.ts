/** Work under other limits than the usual ones, as the command line and configs set them. */
import { raiseLimits, type RaisedLimits } from "../core/limits/limits.ts";

export async function withLimits<Result>(limits: RaisedLimits, work: () => Promise<Result>): Promise<Result> {
  const lower = raiseLimits(limits);
  try {
    return await work();
  } finally {
    lower();
  }
}
