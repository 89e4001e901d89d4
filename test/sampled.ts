/** How much of long work a test does: CI takes a part, `npm run soak suites` all of it. The runner says which. */
const amount = process.env["IMAGE_DSL_TESTS"];

/** Every case of every list, and every run of every property. */
export const IS_THOROUGH = amount === "all";

/** Of cases in a row, `count` at equal distances, the first and the last among them; all where all are asked for. */
export function sampled<T>(cases: readonly T[], count: number): readonly T[] {
  if (IS_THOROUGH || count >= cases.length) return cases;
  return Array.from({ length: count }, (_, i) => cases[Math.round((i * (cases.length - 1)) / (count - 1))]!);
}

/** The runs of a property: a tenth where another runtime has done all of them before. */
export function runs(count: number): number {
  return amount === "few" ? Math.ceil(count / 10) : count;
}
