/** What fails of a build of several targets: by default the first failure ends it, with `keepGoing` the others are made. */
import { ImageDslError, messageOf } from "../error.ts";
import type { BuildResult } from "../pipeline/builder-hooks.ts";
import type { BuildContext } from "../pipeline/context.ts";

/** One target of a build with `keepGoing` that could not be made. */
export interface TargetFailure {
  /** As the config calls it. */
  readonly target: string;
  /** What its build threw: an `ImageDslError`, or anything else, which is a bug. */
  readonly error: unknown;
}

/** Some targets were made. `E_TARGETS_FAILED` */
export class TargetsFailed extends ImageDslError {
  /** In the order of the targets. */
  readonly failures: readonly TargetFailure[];
  /** What was made. */
  readonly results: readonly BuildResult[];

  constructor(failures: readonly TargetFailure[], count: number, results: readonly BuildResult[]) {
    const names = [...new Set(failures.map(({ target }) => target))];
    super("E_TARGETS_FAILED", `${names.length} of ${count} targets failed: ${names.join(", ")}`);
    this.failures = failures;
    this.results = results;
  }
}

export interface Failures {
  /** Gives undefined, and tells it, where the work fails and the others are to go on. */
  attempt<Result>(target: string, work: () => Promise<Result>): Promise<Result | undefined>;
  /** Throws `TargetsFailed`. `count`: of all targets. */
  throwIfAny(count: number, results: readonly BuildResult[]): void;
  readonly any: boolean;
}

export function gatherFailures(keepGoing: boolean, { signal, emit }: Pick<BuildContext, "signal" | "emit">): Failures {
  const failures: TargetFailure[] = [];
  return {
    async attempt(target, work) {
      try {
        return await work();
      } catch (error) {
        if (!keepGoing || signal.aborted) throw error;
        failures.push({ target, error });
        emit({ type: "failed", target, message: messageOf(error) });
        return undefined;
      }
    },
    throwIfAny(count, results) {
      if (failures.length > 0) throw new TargetsFailed(failures, count, results);
    },
    get any() {
      return failures.length > 0;
    },
  };
}
