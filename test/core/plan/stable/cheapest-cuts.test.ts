/** A row cut into few pieces: as cheap as the best of all cuts, or very nearly. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { cheapestCuts, type Thing } from "../../../../core/plan/stable/cheapest-cuts.ts";
import { suite } from "../../../harness.ts";

const test = suite("plan/stable/cheapest-cuts");

const things = fc.array(
  fc.record({
    weight: fc.integer({ min: 1, max: 1_000_000 }),
    rate: fc.integer({ min: 1, max: 40 }).map((twentieths) => twentieths / 20),
  }),
  { minLength: 1, maxLength: 24 },
);

function costOf(piece: readonly Thing[]): number {
  const rate = piece.reduce((sum, each) => sum + each.rate, 0);
  return (piece.reduce((sum, { weight }) => sum + weight, 0) * rate) / (1 + rate);
}

/** By trying all of them. */
function leastCost(row: readonly Thing[], most: number): number {
  if (row.length === 0) return 0;
  if (most === 1) return costOf(row);
  return Math.min(
    ...row.map((_, index) => costOf(row.slice(0, index + 1)) + leastCost(row.slice(index + 1), most - 1)),
  );
}

test("every thing is in one piece, there are at most so many, and as many as there are things where that is allowed", () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 30 }), (row, most) => {
      const ends = cheapestCuts(row, most);
      assert.is(ends.length, Math.min(most, row.length));
      assert.is(ends.at(-1), row.length);
      for (const [index, end] of ends.entries()) assert.ok(end > (ends[index - 1] ?? 0), "no piece is empty");
    }),
  );
});

function costOfCuts(row: readonly Thing[], ends: readonly number[]): number {
  return ends.reduce((sum, to, index) => sum + costOf(row.slice(ends[index - 1] ?? 0, to)), 0);
}

test("of a row in its order by rate for weight, no other cut costs less by a hundredth", () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 3 }), (given, most) => {
      const row = given.slice(0, 14).sort((a, b) => a.rate / a.weight - b.rate / b.weight);
      const [cost, least] = [costOfCuts(row, cheapestCuts(row, most)), leastCost(row, most)];
      assert.ok(cost <= least * 1.01, `${cost} is more than ${least}`);
    }),
  );
});

test("a row whose best last cut moves left as it grows is cut nearly as cheaply as it can be", () => {
  const row = [
    { weight: 167, rate: 0.05 },
    { weight: 339, rate: 0.8 },
    { weight: 135, rate: 0.55 },
    { weight: 474, rate: 1.95 },
    { weight: 1, rate: 0.05 },
  ];
  const [cost, least] = [costOfCuts(row, cheapestCuts(row, 3)), leastCost(row, 3)];
  assert.ok(cost > least && cost < least * 1.001, `${cost} of ${least}`);
});

test.run();
