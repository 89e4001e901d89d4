/** The popularity contest: against its description, on counts worked out by hand, and what it promises. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { checkPlan } from "../../../core/plan/check-plan.ts";
import { sizePhrase } from "../../../core/plan/phrases.ts";
import { planByPopularity, popularityOf } from "../../../core/plan/popularity.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import {
  chain,
  closureOf,
  closureOfIndexes,
  diamonds,
  randomClosure,
  randomIntegers,
  rows,
  shuffled,
} from "../../reference/closures.ts";
import { naivePopularity, naivePopularityGroups } from "../../reference/naive-popularity.ts";
import { nodesOf, sorted } from "../../reference/plans.ts";

const test = suite("plan/popularity");

/** The sample of the strategy's description: A needs B and G, B and C need E, and so on down to F. */
const SAMPLE = closureOf({ A: ["B", "G"], B: ["C", "E"], C: ["D", "E"], D: ["F"], E: ["F"], F: [], G: [] });

test("the sample graph: A1 B2 G2 C3 D4 E5 F9", () => {
  assert.equal(Object.fromEntries(popularityOf(SAMPLE)), { A: 1n, B: 2n, G: 2n, C: 3n, D: 4n, E: 5n, F: 9n });
});

test("most popular first, equally popular by name, each with its reason", () => {
  const plan = planByPopularity(SAMPLE, { layers: 7 });
  assert.is(plan.strategy, "popularity");
  assert.equal(
    plan.groups.map(({ reason }) => reason),
    [
      "popularity 9: F (1 B), needed by D and E",
      "popularity 5: E (1 B), needed by B and C",
      "popularity 4: D (1 B), needed by C",
      "popularity 3: C (1 B), needed by B",
      "popularity 2: B (1 B), needed by A",
      "popularity 2: G (1 B), needed by A",
      "popularity 1: A (1 B), needed by no other",
    ],
  );
});

test("past the limit, the less popular share the last layer", () => {
  const plan = planByPopularity(SAMPLE, { layers: 3 });
  assert.equal(nodesOf(plan), [["F"], ["E"], ["A", "B", "C", "D", "G"]]);
  assert.equal(plan.groups[2], {
    nodes: ["A", "B", "C", "D", "G"],
    reason: "the rest: 5 nodes, popularity at most 4",
    size: 5,
  });
  assert.equal(nodesOf(planByPopularity(SAMPLE, { layers: 1 })), [["A", "B", "C", "D", "E", "F", "G"]]);
});

test("60 diamonds, 180 nodes above the last one: 4611686018427387901, which no double holds", () => {
  const graph = diamonds(60);
  assert.is(popularityOf(graph).get("n180"), 4611686018427387901n);
  assert.is(
    planByPopularity(graph, { layers: 98 }).groups[0]!.reason,
    `popularity about 2^61: n180 (${sizePhrase(graph.nodes.get("n180")!.size)}), needed by n178 and n179`,
  );
});

test("a chain counts up by one from the root", () => {
  const counts = popularityOf(chain(2000));
  assert.ok([...counts.values()].every((count, index) => count === BigInt(index + 1)));
});

test("rows of 5 by 40, each needing all of the next: as the sum over ways says", () => {
  // In row r there are 5^r ways to each node, and 5 × 5^k over the nodes of each row k above it.
  const counts = popularityOf(rows(5, 40));
  for (let row = 0, above = 0n; row < 40; row++) {
    const ways = 5n ** BigInt(row);
    for (let place = 0; place < 5; place++) assert.is(counts.get(`n${row * 5 + place}`), ways + above);
    above += 5n * ways;
  }
});

test("nodes that need each other count and stand as one", () => {
  const graph = closureOf({ app: ["libc6"], libc6: ["libgcc-s1"], "libgcc-s1": ["libc6"] });
  assert.equal(planByPopularity(graph, { layers: 2 }).groups, [
    { nodes: ["libc6", "libgcc-s1"], reason: "popularity 2, cycle: libc6, libgcc-s1 (2 B), needed by app", size: 2 },
    { nodes: ["app"], reason: "popularity 1: app (1 B), needed by no other", size: 1 },
  ]);
});

test("a node without entries passes popularity on, but takes no layer", () => {
  const graph = closureOf(
    { app: ["meta", "tool"], tool: ["meta"], meta: ["lib"], lib: [] },
    { meta: { isEmpty: true }, app: { size: 2_000_000_000 } },
  );
  assert.equal(nodesOf(planByPopularity(graph, { layers: 3 })), [["lib"], ["tool"], ["app", "meta"]]);
  assert.is(
    planByPopularity(graph, { layers: 3 }).groups[2]!.reason,
    "popularity 1: app (2.0 GB), needed by no other; without files: meta",
  );
});

test("1,000 random graphs with cycles: counts and groups as the description says", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 11, withEmpty: false }), fc.integer({ min: 1, max: 10 }), (graph, layers) => {
      assert.equal(sortedEntries(popularityOf(graph)), sortedEntries(naivePopularity(graph)));
      assert.equal(
        nodesOf(planByPopularity(graph, { layers })).map(sorted),
        naivePopularityGroups(graph, layers).map(sorted),
      );
    }),
    { numRuns: runs(1000) },
  );
});

test("1,500 nodes with references far and near: counts as the description says", () => {
  const random = randomIntegers(3);
  const graph = closureOfIndexes(
    Array.from({ length: 1500 }, (_, index) =>
      [index + 1 + random(9), index + 1 + random(200)].filter((need) => need < 1500),
    ),
  );
  assert.equal(sortedEntries(popularityOf(graph)), sortedEntries(naivePopularity(graph)));
});

test("500 random graphs with empty nodes: the same, and these are last", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 11, withEmpty: true }), fc.integer({ min: 1, max: 8 }), (graph, layers) => {
      assert.equal(
        nodesOf(planByPopularity(graph, { layers })).map(sorted),
        naivePopularityGroups(graph, layers).map(sorted),
      );
    }),
    { numRuns: runs(500) },
  );
});

test("any closure: every node exactly once, the limit kept, order of arrival without effect", () => {
  fc.assert(
    fc.property(
      randomClosure({ maxNodes: 60, withEmpty: true }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (graph, layers, seed) => {
        const plan = planByPopularity(graph, { layers });
        checkPlan(graph, plan);
        assert.ok(plan.groups.length <= layers);
        assert.equal(planByPopularity(shuffled(graph, seed), { layers }), plan);
      },
    ),
    { numRuns: runs(300) },
  );
});

function sortedEntries(counts: ReadonlyMap<string, bigint>): readonly string[] {
  return Array.from(counts, ([id, count]) => `${id} ${count}`).sort();
}

test.run();
