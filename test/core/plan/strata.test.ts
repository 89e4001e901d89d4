/** Strata: what changes more often lies above what changes less, whatever the strategy. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { closureGraph } from "../../../core/closure/closure-graph.ts";
import { VOLATILITIES, type ClosureGraph, type ClosureNode, type Volatility } from "../../../core/closure/closure.ts";
import type { LayerPlan } from "../../../core/model/plan.ts";
import { planAuto } from "../../../core/plan/auto.ts";
import { checkPlan } from "../../../core/plan/check-plan.ts";
import { planByPopularity } from "../../../core/plan/popularity.ts";
import { planInStrata } from "../../../core/plan/strata.ts";
import { suite } from "../../harness.ts";
import { closureNode, closureOf, randomClosure } from "../../reference/closures.ts";

const test = suite("plan/strata");

const STRATEGIES = { auto: planAuto, popularity: planByPopularity };
const closures = randomClosure({ maxNodes: 12, withEmpty: true });
type Said = Pick<ClosureNode, "volatility" | "layer">;

/** `graph` with what is said of its nodes, in their order. */
function saying(graph: ClosureGraph, said: readonly Said[]): ClosureGraph {
  const nodes = [...graph.nodes.values()].map((node, index) => ({ ...node, ...said[index % said.length] }));
  return closureGraph(nodes, graph.roots);
}

function planned(graph: ClosureGraph, layers: number, name: keyof typeof STRATEGIES = "auto"): LayerPlan {
  return planInStrata(graph, layers, (part, most) => STRATEGIES[name](part, { layers: most }));
}

const level = (graph: ClosureGraph, id: string): number =>
  VOLATILITIES.indexOf(graph.nodes.get(id)!.volatility ?? "made");

const said: fc.Arbitrary<Said> = fc.record(
  {
    volatility: fc.constantFrom<Volatility>(...VOLATILITIES),
    layer: fc.constantFrom("top", "app", "own:n1"),
  },
  { requiredKeys: [] },
);
const unplaced: fc.Arbitrary<Said> = fc.record(
  { volatility: fc.constantFrom<Volatility>(...VOLATILITIES) },
  { requiredKeys: [] },
);

for (const name of ["auto", "popularity"] as const) {
  test(`${name}: every node in one layer, at most so many layers, each above those that change less often`, () => {
    fc.assert(
      fc.property(
        closures,
        fc.array(unplaced, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (closure, each, layers) => {
          const graph = saying(closure, each);
          const plan = planned(graph, layers, name);
          checkPlan(graph, plan);
          assert.ok(plan.groups.length <= layers);
          const levels = plan.groups.map(({ nodes }) => nodes.map((id) => level(graph, id)));
          for (const [index, above] of levels.slice(1).entries())
            assert.ok(Math.max(...levels[index]!) <= Math.min(...above), JSON.stringify(levels));
          const strata = new Set([...graph.nodes.keys()].map((id) => level(graph, id))).size;
          if (strata <= layers) for (const group of levels) assert.is(new Set(group).size, 1);
        },
      ),
    );
  });
}

for (const name of ["auto", "popularity"] as const) {
  test(`${name}: a changed line of the project's own moves no layer of what lies below`, () => {
    fc.assert(
      fc.property(
        closures,
        fc.array(unplaced, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 12, max: 20 }),
        fc.integer({ min: 0, max: 2_000_000 }),
        (closure, each, layers, size) => {
          const before = saying(closure, each);
          const changes = (node: ClosureNode) => node.volatility === "project" && node.size > 0;
          const after = closureGraph(
            [...before.nodes.values()].map((node) => (changes(node) ? { ...node, size } : node)),
            before.roots,
          );
          const below = (plan: LayerPlan) =>
            plan.groups
              .map(({ nodes }) => nodes)
              .filter((nodes) => level(before, nodes[0]!) < VOLATILITIES.indexOf("project"));
          const lower = below(planned(before, layers, name));
          assert.equal(below(planned(after, layers, name)), lower);
          assert.equal(
            planned(after, layers, name)
              .groups.slice(0, lower.length)
              .map(({ nodes }) => nodes),
            lower,
          );
        },
      ),
    );
  });
}

test("layers asked for by name hold what asked for them, and nothing else; top is in no group", () => {
  fc.assert(
    fc.property(closures, fc.array(said, { minLength: 1, maxLength: 9 }), (closure, each) => {
      const graph = saying(closure, each);
      const plan = planned(graph, 40);
      checkPlan(graph, plan);
      for (const layer of ["app", "own:n1"]) {
        const wanted = [...graph.nodes.values()].filter((node) => node.layer === layer).map(({ id }) => id);
        const found = plan.groups.filter(({ nodes }) => nodes.some((id) => wanted.includes(id)));
        assert.equal(
          found.map(({ nodes }) => nodes),
          wanted.length === 0 ? [] : [wanted],
        );
      }
      const top = [...graph.nodes.values()].filter(({ layer }) => layer === "top").map(({ id }) => id);
      assert.equal(plan.top ?? [], top);
    }),
  );
});

test("one stratum is the strategy's plan, as it is", () => {
  fc.assert(
    fc.property(closures, fc.integer({ min: 1, max: 9 }), (closure, layers) => {
      assert.equal(planned(closure, layers), planAuto(closure, { layers }));
    }),
  );
});

const LEVELS: readonly Said[] = [
  { volatility: "text" },
  { volatility: "project" },
  { volatility: "made" },
  { volatility: "pinned" },
];
const groupsOf = (plan: LayerPlan) => plan.groups.map(({ nodes }) => [...nodes].sort().join(""));

test("too few layers join what changes least", () => {
  const graph = saying(closureOf({ A: [], B: [], C: [], D: [] }), LEVELS);
  assert.equal(groupsOf(planned(graph, 4)), ["D", "C", "B", "A"]);
  assert.equal(groupsOf(planned(graph, 3)), ["CD", "B", "A"]);
  assert.equal(groupsOf(planned(graph, 2)), ["BCD", "A"]);
  assert.equal(groupsOf(planned(graph, 1)), ["ABCD"]);
});

test("more names than layers are refused with both numbers", () => {
  const graph = saying(closureOf({ A: [], B: [], C: [] }), [{ layer: "a" }, { layer: "b" }, {}]);
  assert.throws(() => planned(graph, 2), /Sources ask for 2 layers by name, and there are 2 in all/);
  assert.is(planned(graph, 3).groups.length, 3);
});

for (const name of ["auto", "popularity"] as const) {
  test(`${name}: of the project's own files the larger lie lower, whether they have a name for their layer or not`, () => {
    const sizes = fc.array(fc.record({ size: fc.nat(1000), isNamed: fc.boolean() }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(sizes, fc.boolean(), (own, withPackage) => {
        const files = own.map(({ size, isNamed }, index) => ({
          ...closureNode(`files-${index}`, [], { size: size + 1 }),
          volatility: "project" as const,
          ...(isNamed && { layer: `own:${index}` }),
        }));
        const nodes: ClosureNode[] = withPackage
          ? [{ ...closureNode("package", []), volatility: "pinned" }, ...files]
          : files;
        const plan = planned(
          closureGraph(
            nodes,
            nodes.map(({ id }) => id),
          ),
          nodes.length,
          name,
        );
        const lying = plan.groups.map(({ nodes: [id], size }) => ({ id: id!, size }));
        assert.is(lying.length, nodes.length);
        if (withPackage) assert.is(lying.shift()?.id, "package");
        assert.equal(
          lying.map(({ size }) => size),
          lying.map(({ size }) => size).toSorted((a, b) => b - a),
        );
      }),
    );
  });
}

test.run();
