/** A row cut into few pieces: never dearer than the best of all cuts. */
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

test("of a row in its order by rate for weight, no other cut costs less", () => {
  fc.assert(
    fc.property(things, fc.integer({ min: 1, max: 3 }), (given, most) => {
      const row = given.slice(0, 14).sort((a, b) => a.rate / a.weight - b.rate / b.weight);
      let from = 0;
      const cost = cheapestCuts(row, most).reduce((sum, to) => {
        const piece = row.slice(from, to);
        from = to;
        return sum + costOf(piece);
      }, 0);
      const least = leastCost(row, most);
      assert.ok(cost <= least * (1 + 1e-9), `${cost} is more than ${least}`);
    }),
  );
});

test.run();
