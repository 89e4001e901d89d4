/** This machine's threads as a place for work: nothing is moved, packed or looked at, and all work can be done. */
import type { Place } from "../../model/work.ts";

export function threadsPlace(jobs: number): Place {
  return {
    name: "here",
    jobs,
    takes: () => true,
    offer: async (work) => ({
      isKnown: false,
      moved: 0,
      take: async () => ({ made: await work.here(), worker: "here" }),
    }),
    close: () => Promise.resolve(),
  };
}
