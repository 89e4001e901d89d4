/** The size-driven strategy: against its description, and what it promises whatever the closure. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { planAuto } from "../../../core/plan/auto.ts";
import { checkPlan } from "../../../core/plan/check-plan.ts";
import { suite } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { closureOf, randomClosure, shuffled } from "../../reference/closures.ts";
import { naiveAuto } from "../../reference/naive-auto.ts";
import { nodesOf, sorted } from "../../reference/plans.ts";

const test = suite("plan/auto");

/** Two programs on one library; sizes decide. */
const SHARED = closureOf(
  { web: ["ssl", "lib"], tool: ["lib"], ssl: ["lib"], lib: [], notes: [] },
  { web: { size: 50 }, tool: { size: 40 }, ssl: { size: 30 }, lib: { size: 20 }, notes: { size: 1 } },
);

test("as many layers as nodes: each its own, smallest closure first", () => {
  assert.equal(planAuto(SHARED, { layers: 5 }).groups, [
    { nodes: ["notes"], reason: "largest remaining: notes (1 B)", size: 1 },
    { nodes: ["lib"], reason: "largest remaining: lib (20 B)", size: 20 },
    { nodes: ["ssl"], reason: "largest remaining: ssl (30 B)", size: 30 },
    { nodes: ["tool"], reason: "largest remaining: tool (40 B)", size: 40 },
    { nodes: ["web"], reason: "largest remaining: web (50 B)", size: 50 },
  ]);
});

test("what one primary needs goes with it, what two need is shared, the rest stays together", () => {
  assert.equal(planAuto(SHARED, { layers: 4 }), {
    strategy: "auto",
    groups: [
      { nodes: ["notes"], reason: "the rest: 1 node that no larger one needs", size: 1 },
      { nodes: ["lib"], reason: "1 node shared by tool and web", size: 20 },
      { nodes: ["tool"], reason: "largest remaining: tool (40 B)", size: 40 },
      { nodes: ["ssl", "web"], reason: "largest remaining: web (50 B), with 1 node that it needs", size: 80 },
    ],
  });
});

test("stops at the first primary that does not fit, though a smaller one would", () => {
  // With web: 2 layers. With tool: 4, one too many. So lib (which would make 3) is not tried.
  assert.equal(nodesOf(planAuto(SHARED, { layers: 3 })), [
    ["notes", "tool"],
    ["lib", "ssl", "web"],
  ]);
});

test("a node needed through another primary belongs to that one", () => {
  const graph = closureOf(
    { app: ["run"], run: ["data"], data: [], other: [] },
    { app: { size: 9 }, run: { size: 8 }, data: { size: 1 }, other: { size: 1 } },
  );
  assert.equal(nodesOf(planAuto(graph, { layers: 3 })), [["other"], ["data", "run"], ["app"]]);
});

test("a layer is shared by the primaries that need it most directly, not by what needs these", () => {
  const graph = closureOf(
    { a: ["b", "x"], b: ["c"], c: ["x", "y"], d: ["x", "y"], x: [], y: [] },
    { a: { size: 9 }, b: { size: 8 }, c: { size: 7 }, d: { size: 6 } },
  );
  const shared = planAuto(graph, { layers: 5 }).groups[0]!;
  assert.equal(shared, { nodes: ["x", "y"], reason: "2 nodes shared by c and d", size: 2 });
});

test("of many that share a layer, some are named", () => {
  const users = ["a", "b", "c", "d", "e", "f"];
  const needs = Object.fromEntries(users.map((user) => [user, ["x", "y"]]));
  const sizes = Object.fromEntries(users.map((user) => [user, { size: 9 }]));
  const shared = planAuto(closureOf({ ...needs, x: [], y: [] }, sizes), { layers: 7 }).groups[0]!;
  assert.match(shared.reason, /^2 nodes shared by [a-f], [a-f], [a-f] and others$/);
});

test("one layer holds everything", () => {
  const [group, ...others] = planAuto(SHARED, { layers: 1 }).groups;
  assert.equal(others, []);
  assert.equal(group, {
    nodes: ["lib", "notes", "ssl", "tool", "web"],
    reason: "the rest: 5 nodes that no larger one needs",
    size: 141,
  });
});

test("nodes that need each other stay together, and the reason says so", () => {
  const graph = closureOf(
    { app: ["libc6"], libc6: ["libgcc-s1"], "libgcc-s1": ["libc6"] },
    { app: { size: 10 }, libc6: { size: 12_000_000 }, "libgcc-s1": { size: 345_678 } },
  );
  assert.equal(planAuto(graph, { layers: 98 }).groups, [
    { nodes: ["libc6", "libgcc-s1"], reason: "largest remaining cycle: libc6, libgcc-s1 (12.3 MB)", size: 12_345_678 },
    { nodes: ["app"], reason: "largest remaining: app (10 B)", size: 10 },
  ]);
  assert.is(
    planAuto(graph, { layers: 1 }).groups[0]!.reason,
    "the rest: 3 nodes that no larger one needs; cycle: libc6, libgcc-s1",
  );
});

test("a node without entries takes no layer: it goes with the last one", () => {
  const graph = closureOf({ meta: ["web", "tool"], web: ["lib"], tool: ["lib"], lib: [] }, { meta: { isEmpty: true } });
  const plan = planAuto(graph, { layers: 3 });
  assert.equal(nodesOf(plan), [["lib"], ["tool"], ["meta", "web"]]);
  assert.is(plan.groups.at(-1)!.reason, "largest remaining: web (1 B); without files: meta");
});

test("a node of links, empty files or directories is planned, as the smallest", () => {
  const graph = closureOf({ links: ["lib"], lib: [] }, { links: { size: 0 } });
  assert.equal(nodesOf(planAuto(graph, { layers: 2 })), [["lib"], ["links"]]);
});

test("a closure of nothing but empty nodes is one group, and an empty closure none", () => {
  const graph = closureOf({ b: ["a"], a: [] }, { a: { isEmpty: true }, b: { isEmpty: true } });
  assert.equal(planAuto(graph, { layers: 9 }).groups, [
    { nodes: ["a", "b"], reason: "without files: a and b", size: 0 },
  ]);
  assert.equal(planAuto({ nodes: new Map(), roots: [] }, { layers: 9 }).groups, []);
});

test("of equally large nodes the first by name becomes a primary", () => {
  const graph = closureOf({ b: [], c: [], a: [] });
  assert.equal(nodesOf(planAuto(graph, { layers: 2 })), [["a"], ["b", "c"]]);
});

test("1,000 random graphs with cycles: as the description says, step by step", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 11, withEmpty: false }), fc.integer({ min: 1, max: 10 }), (graph, layers) => {
      assert.equal(nodesOf(planAuto(graph, { layers })).map(sorted), naiveAuto(graph, layers).map(sorted));
    }),
    { numRuns: runs(1000) },
  );
});

test("graphs with more primaries than a word has bits: as the description says", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 64, withEmpty: true }), fc.integer({ min: 30, max: 60 }), (graph, layers) => {
      assert.equal(nodesOf(planAuto(graph, { layers })).map(sorted), naiveAuto(graph, layers).map(sorted));
    }),
    { numRuns: runs(60) },
  );
});

test("500 random graphs with empty nodes: the same, and these are last", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 11, withEmpty: true }), fc.integer({ min: 1, max: 8 }), (graph, layers) => {
      assert.equal(nodesOf(planAuto(graph, { layers })).map(sorted), naiveAuto(graph, layers).map(sorted));
    }),
    { numRuns: runs(500) },
  );
});

test("any closure: every node exactly once, the limit kept, sizes right, order of arrival without effect", () => {
  fc.assert(
    fc.property(
      randomClosure({ maxNodes: 60, withEmpty: true }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (graph, layers, seed) => {
        const plan = planAuto(graph, { layers });
        checkPlan(graph, plan);
        assert.ok(plan.groups.length <= layers);
        for (const { nodes, size } of plan.groups) {
          assert.is(
            size,
            nodes.reduce((sum, id) => sum + graph.nodes.get(id)!.size, 0),
          );
        }
        assert.equal(planAuto(shuffled(graph, seed), { layers }), plan);
      },
    ),
    { numRuns: runs(300) },
  );
});

for (const layers of [0, -1, 1.5, Number.NaN]) {
  test(`room for ${layers} layers is refused`, () => {
    assert.throws(
      () => planAuto(SHARED, { layers }),
      (error: Error & { code?: string }) => error.code === "E_LAYERS" && error.message.includes("none is left"),
    );
  });
}

test.run();
