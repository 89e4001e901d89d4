/** The condensation: against its definition, and on chains that no recursion survives. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { condense, type Unit } from "../../../core/closure/condense.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { chain, closureOf, closureOfIndexes, randomClosure, shuffled } from "../../reference/closures.ts";
import { naiveCondensation } from "../../reference/naive-condensation.ts";

const test = suite("closure/condense");

test("nodes that need each other are one unit, listed in total order", () => {
  const graph = closureOf({ app: ["libgcc"], libgcc: ["libc"], libc: ["libgcc", "data"], data: [] });
  assert.equal(condense(graph), [
    { ids: ["data"], needs: [], rank: 1 },
    { ids: ["libc", "libgcc"], needs: [0], rank: 2 },
    { ids: ["app"], needs: [1], rank: 0 },
  ]);
});

test("names come before ids, and both are ordered by the bytes of their UTF-8", () => {
  // By UTF-16 units the emoji, a surrogate pair, would come before the full-width tilde.
  const graph = closureOf(
    { z: ["y", "x", "w", "z"], y: ["z"], x: ["z"], w: ["z"] },
    { z: { name: "a" }, y: { name: "\u{1f600}" }, x: { name: "\u{ff5e}" }, w: { name: "a" } },
  );
  assert.equal(
    condense(graph).map((unit) => unit.ids),
    [["w", "z", "x", "y"]],
  );
});

test("1,000 random graphs: the units are those of the definition, each after what it needs", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 12, withEmpty: false }), (graph) => {
      const units = condense(graph);
      units.forEach((unit, index) => assert.ok(unit.needs.every((need) => need < index)));
      const byRank = [...units].sort((a, b) => a.rank - b.rank);
      const needIds = (unit: Unit) => unit.needs.map((need) => units[need]!.ids[0]!).sort();
      assert.equal(
        byRank.map((unit) => ({ ids: unit.ids, needs: needIds(unit) })),
        naiveCondensation(graph).map((unit) => ({
          ids: unit.ids,
          needs: [...unit.needs].map(({ ids }) => ids[0]!).sort(),
        })),
      );
    }),
    { numRuns: runs(1000) },
  );
});

test("the order in which nodes arrive changes nothing", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 16, withEmpty: false }), fc.nat(), (graph, seed) => {
      assert.equal(condense(shuffled(graph, seed)), condense(graph));
    }),
    { numRuns: runs(200) },
  );
});

test("a chain of 100,000 nodes, and a cycle of as many, overflow no stack", () => {
  assert.is(condense(chain(100_000)).length, 100_000);
  const ring = Array.from({ length: 100_000 }, (_, index) => [(index + 1) % 100_000]);
  const units = condense(closureOfIndexes(ring));
  assert.is(units.length, 1);
  assert.is(units[0]!.ids.length, 100_000);
});

test("an empty closure has no units", () => {
  assert.equal(condense({ nodes: new Map(), roots: [] }), []);
});

test("a reference that a plugin left dangling is named", () => {
  const graph = closureOf({ a: ["b"], b: [] });
  const broken = { nodes: new Map([["a", graph.nodes.get("a")!]]), roots: ["a"] };
  assert.throws(
    () => condense(broken),
    (error: Error & { code?: string }) =>
      error.code === "E_CLOSURE_INVALID" && error.message === 'Node "a" needs "b", which is not in the closure',
  );
});

test.run();
