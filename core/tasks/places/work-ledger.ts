/**
 * Where a piece of work would be done sooner, by what both sides have to do already. Nothing of it is exact, and nothing hangs on it but
 * time: so work goes away only where there is more of it than this machine soon does, and stays where moving it takes longer than doing it.
 */

/** Bytes a second, but for `delay`. */
export interface WorkRates {
  /** What one thread makes of a layer: writing, hashing, compressing. */
  readonly here: number;
  /** The same, of one task at the workers'. */
  readonly there: number;
  /** What goes there and comes back. */
  readonly link: number;
  /** Seconds that a task takes besides, with all that is said about it. */
  readonly delay: number;
}

/** A thread of 2026 makes 160 MB of a node_modules with gzip in 3.0 s; of workers and the link nobody knows: a little less, and a gigabit. */
export const WORK_RATES: WorkRates = { here: 55e6, there: 45e6, link: 100e6, delay: 0.3 };

export interface WorkLedger {
  /** Whether work on so many bytes should go where so many have to be moved for it. What it says is taken to happen. */
  goesAway(work: number, moved: number): boolean;
  /** Whether it pays to ask for what may have been made there already, and to bring so many bytes of it. */
  mayCome(work: number, moved: number): boolean;
  /** That much came. */
  came(moved: number): void;
  /** What did not go after all. */
  stays(work: number): void;
  /** So many bytes were moved in so many seconds. */
  moved(bytes: number, seconds: number): void;
}

/** Less says more of the delay than of the link. */
const TELLING_BYTES = 1e6;

/** `jobs`: threads here; `places`: tasks at a time there. */
export function workLedger(rates: WorkRates, jobs: number, places: number): WorkLedger {
  let { link } = rates;
  /** Seconds until each side has done what it has. */
  let here = 0;
  let there = 0;
  const timeHere = (work: number): number => work / (rates.here * jobs);
  /** All tasks share one link, and each has a place of its own. */
  const timeThere = (work: number, moved: number): number => Math.max(moved / link, work / (rates.there * places));
  return {
    mayCome: (work, moved) => there + rates.delay + moved / link < here + timeHere(work),
    came(moved) {
      there += moved / link;
    },
    goesAway(work, moved) {
      const alone = rates.delay + Math.max(moved / link, work / rates.there);
      const goes = there + alone < here + timeHere(work);
      if (goes) there += timeThere(work, moved);
      else here += timeHere(work);
      return goes;
    },
    stays(work) {
      here += timeHere(work);
    },
    moved(bytes, seconds) {
      if (bytes >= TELLING_BYTES && seconds > 0) link = (link + bytes / seconds) / 2;
    },
  };
}
