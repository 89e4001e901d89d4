/**
 * Yarn's own hoisting (@yarnpkg/nm), which may be run in a worker thread: it follows every way from package to package and
 * gives nobody a turn meanwhile, which a large workspace notices and a lock made for it never sees the end of.
 */
import { hoist, type HoisterResult, type HoisterTree } from "@yarnpkg/nm/hoist";

export interface HoistingInput {
  readonly root: HoisterTree;
  /** Steps that it may take. */
  readonly most: number;
}

export interface Hoisting {
  /** What it took. */
  readonly steps: number;
  /** Undefined where that was too much. */
  readonly result: HoisterResult | undefined;
}

/** Else it asks the environment. */
const SILENT = { debugLevel: -1 };
/** As much memory as so many steps take time: a copy of a package takes it four times, and once for each dependency. */
const STEPS_OF_MEMORY = 100;

export function hoisting({ root, most }: HoistingInput): Hoisting {
  const seen = new Set<unknown>();
  const has = seen.has.bind(seen);
  const { add } = Set.prototype;
  let steps = 0;
  // It takes no account to spend from. Each step of each of its walks puts something into a set, though: text, or a package, a
  // copy of one among them. As it never waits, nobody else's sets are counted.
  // oxlint-disable-next-line no-extend-native -- for the length of one call
  Set.prototype.add = function <Value>(this: Set<Value>, value: Value) {
    steps += 1;
    if (isPackage(value) && !has(value)) {
      add.call(seen, value);
      steps += STEPS_OF_MEMORY * (4 + value.dependencies.size);
    }
    if (steps > most) throw new TooManySteps();
    return add.call(this, value) as Set<Value>;
  };
  try {
    return { result: hoist(root, SILENT), steps };
  } catch (error) {
    if (error instanceof TooManySteps) return { steps, result: undefined };
    throw error;
  } finally {
    // oxlint-disable-next-line no-extend-native -- as it was
    Set.prototype.add = add;
  }
}

class TooManySteps extends Error {}

function isPackage(value: unknown): value is { readonly dependencies: { readonly size: number } } {
  return typeof value === "object" && value !== null && "dependencies" in value;
}
