/**
 * From names to a closure of packages: what `apt-get install` would choose into an empty root (RESOLVER.md says how
 * far that goes). A pure function of the index and the request: no clock, no host, no order of stanzas.
 */
import { matcherOf } from "./matching.ts";
import { problemError } from "./problem.ts";
import { closureOf } from "./resolved.ts";
import type { Closure } from "./resolved.ts";
import { solve, unlock } from "./solve.ts";
import type { ClosureRequest } from "./solve.ts";

export { reasonText } from "./resolved.ts";
export type { Closure, Reason, ResolvedPackage } from "./resolved.ts";
export type { ClosureRequest } from "./solve.ts";

/** Throws `E_DEBIAN_PACKAGE_UNKNOWN`, `E_DEBIAN_UNSATISFIABLE`, `E_DEBIAN_CONFLICT` or `E_DEBIAN_METADATA`. */
export function resolveClosure(request: ClosureRequest): Closure {
  const matches = matcherOf(request.index);
  let locked = request.prefer;
  for (;;) {
    const solution = solve(request, matches, locked);
    if (solution.problem === undefined) return closureOf(request, matches, solution);
    const fewer = unlock(request.index, matches, locked, solution);
    if (fewer === undefined) throw problemError(solution.problem, request.index, matches);
    locked = fewer;
  }
}
