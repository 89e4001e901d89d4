/** What the packages came to, as rows of the soak's table. */
import type { SoakRow } from "../../../scripts/soak.ts";

export interface PackageResult {
  readonly suite: string;
  readonly architecture: string;
  readonly name: string;
  /** `failed`: it could not be installed for real, or not be planned. */
  readonly outcome: "worked out" | "not covered" | "differing" | "failed";
  /** Which scripts are not covered and why, or the paths that differ. */
  readonly reasons: readonly string[];
}

/** The share of packages whose scripts are all worked out that is aimed at. */
const AIM = 0.9;

export function rowsOf(suite: string, architecture: string, results: readonly PackageResult[]): readonly SoakRow[] {
  const where = `${suite} ${architecture}`;
  const of = (outcome: PackageResult["outcome"]) => results.filter((each) => each.outcome === outcome);
  const share = of("worked out").length / results.length;
  const counted = (outcome: PackageResult["outcome"], ok: boolean, aim: string): SoakRow => ({
    what: `${where}: ${outcome}`,
    figure: `${of(outcome).length}${
      of(outcome).length > 20
        ? ""
        : of(outcome)
            .map(({ name }) => ` ${name}`)
            .join("")
    }`,
    aim,
    ok,
  });
  return [
    {
      what: `${where}: worked out`,
      figure: `${of("worked out").length} of ${results.length} (${(100 * share).toFixed(1)} %)`,
      aim: `${100 * AIM} %`,
      ok: share >= AIM,
    },
    counted("not covered", true, "–"),
    counted("differing", of("differing").length === 0, "none"),
    counted("failed", of("failed").length === 0, "none"),
    ...reasonsBySize(of("not covered")).map(([reason, names]): SoakRow => ({
      what: `${where}: ${reason}`,
      figure: `${names.length}`,
      aim: "–",
      ok: true,
    })),
  ];
}

/** Reasons with the packages that they stand in the way of, those of most packages first. */
export function reasonsBySize(
  results: readonly PackageResult[],
): readonly (readonly [reason: string, names: readonly string[]])[] {
  const names = new Map<string, Set<string>>();
  for (const { name, reasons } of results) {
    for (const reason of reasons.filter((each) => !each.includes(": left out with "))) {
      names.set(reason, (names.get(reason) ?? new Set()).add(name));
    }
  }
  return [...names]
    .map(([reason, those]) => [reason, [...those].sort()] as const)
    .sort(([left, few], [right, many]) => many.length - few.length || (left < right ? -1 : 1));
}
