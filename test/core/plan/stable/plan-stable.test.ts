/** The strategy that remembers: what it promises whatever the closure, and that it moves the fewest bytes. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { closureGraph } from "../../../../core/closure/closure-graph.ts";
import type { ClosureGraph, ClosureNode } from "../../../../core/closure/closure.ts";
import type { LayerPlan } from "../../../../core/model/plan.ts";
import { checkPlan } from "../../../../core/plan/check-plan.ts";
import { layersOfImages, type OtherLayers } from "../../../../core/plan/stable/layers-of-images.ts";
import { nodeKeys, type PlanMemory, type RememberedLayer } from "../../../../core/plan/stable/plan-memory.ts";
import { planStable, type StableOptions } from "../../../../core/plan/stable/plan-stable.ts";
import { rememberPlan } from "../../../../core/plan/stable/remember-plan.ts";
import { suite } from "../../../harness.ts";
import { PLANNERS, bytesMoved, pointReleases } from "../../../reference/closure-updates.ts";
import { closureNode, randomClosure, shuffled } from "../../../reference/closures.ts";

const test = suite("plan/stable");

const closures = randomClosure({ maxNodes: 30, withEmpty: true });
const limits = fc.integer({ min: 1, max: 12 });

/** By node: 0: as it was, 1: updated, 2: gone; what is left over are further nodes. */
const updates = fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2), { minLength: 30, maxLength: 34 });

/** Ids say what nodes are: an updated one has another. */
function pinned(graph: ClosureGraph): ClosureGraph {
  return closureGraph(
    [...graph.nodes.values()].map((node) => ({ ...node, name: node.id, volatility: "pinned" as const })),
    graph.roots,
  );
}

function updated(graph: ClosureGraph, update: readonly number[]): ClosureGraph {
  const nodes = [...graph.nodes.values()].flatMap((node, index): readonly ClosureNode[] => {
    const change = update[index] ?? 0;
    if (change === 2) return [];
    return [{ ...node, needs: [], ...(change === 1 && { id: `${node.id}'`, size: node.size + 1 }) }];
  });
  const further = update.slice(graph.nodes.size, graph.nodes.size + 2).map((size, index) => ({
    ...closureNode(`further${index}`, [], { size: size + 1 }),
    volatility: "pinned" as const,
  }));
  return closureGraph([...nodes, ...further], []);
}

function planned(graph: ClosureGraph, layers: number, options: StableOptions = {}): LayerPlan {
  const plan = planStable(graph, { layers }, options);
  checkPlan(graph, plan);
  assert.ok(plan.groups.length <= layers, `${plan.groups.length} layers`);
  return plan;
}

function othersWith(...layers: readonly RememberedLayer[]): OtherLayers {
  const all = layersOfImages();
  all.add("other", layers);
  return all.others("own");
}

function remembered(graph: ClosureGraph, plan: LayerPlan, before?: PlanMemory): PlanMemory {
  return rememberPlan(plan, graph, nodeKeys(graph), before).memory;
}

const layersOf = (plan: LayerPlan): readonly string[] => plan.groups.map(({ nodes }) => [...nodes].sort().join(" "));
/** Nodes without files lie with the last layer, which is the same without them. */
const filledLayers = (graph: ClosureGraph, plan: LayerPlan): readonly string[] =>
  plan.groups
    .map(({ nodes }) =>
      nodes
        .filter((id) => graph.nodes.get(id)!.tree.size > 0)
        .toSorted()
        .join(" "),
    )
    .filter((layer) => layer !== "");

test("every node is in one layer of at most so many, whatever came, went and was updated, and in whatever order", () => {
  fc.assert(
    fc.property(closures, updates, limits, limits, fc.nat(), (given, update, layers, later, seed) => {
      const before = pinned(given);
      const memory = remembered(before, planned(before, layers));
      const after = updated(before, update);
      const plan = planned(after, later, { memory });
      assert.equal(planned(shuffled(after, seed), later, { memory }), plan);
    }),
  );
});

test("the same closure again is the same plan, by what was remembered before the update and by what is now", () => {
  fc.assert(
    fc.property(closures, updates, limits, (given, update, layers) => {
      const before = pinned(given);
      const first = remembered(before, planned(before, layers));
      const after = updated(before, update);
      const plan = planned(after, layers, { memory: first });
      const memory = remembered(after, plan, first);
      assert.equal(filledLayers(after, planned(after, layers, { memory })), filledLayers(after, plan));
      const again = rememberPlan(planned(after, layers, { memory }), after, nodeKeys(after), memory);
      assert.equal(again.memory, memory);
      assert.is(again.outcome, undefined);
    }),
  );
});

test("a layer whose nodes are the same stays a layer, below those that move", () => {
  fc.assert(
    fc.property(closures, updates, limits, (given, update, layers) => {
      const before = pinned(given);
      const first = planned(before, layers);
      const after = updated(before, update);
      const plan = planned(after, layers, { memory: remembered(before, first) });
      const untouched = filledLayers(before, first).filter((layer) =>
        layer.split(" ").every((id) => after.nodes.has(id)),
      );
      const kept = filledLayers(after, plan).slice(0, untouched.length);
      // With all layers in use, what is new has to go somewhere.
      if (untouched.length < layers) assert.equal(kept, untouched);
      else assert.ok(untouched.filter((layer) => !kept.includes(layer)).length <= 1);
    }),
  );
});

test("a layer that another image has too stays one where it moves", () => {
  const nodes = ["a", "b", "c", "d"].map((id) => ({ ...closureNode(id, []), volatility: "pinned" as const }));
  const before = closureGraph(nodes, []);
  const layer = (...ids: readonly string[]): ReadonlyMap<string, string> =>
    new Map(
      remembered(before, planned(before, 4))
        .layers.flatMap((each) => [...each])
        .filter(([key]) => ids.includes(key.slice(5))),
    );
  const memory = {
    updates: 0,
    changes: new Map<string, number>(),
    expected: 0,
    moved: 0,
    layers: [layer("a", "b"), layer("c", "d")],
  };
  const after = closureGraph(
    nodes.map((node) => (node.id === "b" ? { ...node, id: "b'", name: "b" } : node)),
    [],
  );
  assert.equal(layersOf(planned(after, 4, { memory })), ["c d", "a", "b'"]);
  assert.equal(layersOf(planned(after, 4, { memory, others: othersWith(layer("a", "b")) })), ["c d", "a b'"]);
  assert.equal(layersOf(planned(after, 4, { others: othersWith(layer("a", "d"), layer("a", "c")) }))[0], "a d");
});

test("what is released together shares a layer where there are too few", () => {
  const nodes = Array.from({ length: 6 }, (_, index) => ({
    ...closureNode(`n${index}`, [], { size: 1000 * (index + 1) }),
    version: "1",
    family: `f${index % 3}`,
  }));
  const layers = layersOf(planned(closureGraph(nodes, []), 3));
  assert.equal([...layers].sort(), ["n0 n3", "n1 n4", "n2 n5"]);
  assert.is(planned(closureGraph(nodes, []), 6).groups.length, 6);
});

test("what changes often comes to lie apart, and on top", () => {
  const closure = (round: number): ClosureGraph =>
    closureGraph(
      Array.from({ length: 20 }, (_, index) => {
        const id = `n${String(index).padStart(2, "0")}`;
        const often = index === 7 || index === 13;
        return {
          ...closureNode(often ? `${id}-${round}` : id, [], { name: id, size: 100_000 }),
          volatility: "pinned" as const,
        };
      }),
      [],
    );
  let memory: PlanMemory | undefined;
  for (let round = 0; round < 6; round++) {
    const graph = closure(round);
    memory = remembered(graph, planned(graph, 4, { memory }), memory);
  }
  const top = layersOf(planned(closure(5), 4, { memory })).at(-1)!;
  assert.match(top, "n07-5 n13-5");
  assert.ok(top.split(" ").length <= 3, top);
});

test("over point releases the fewest bytes move, of all strategies within as many layers", () => {
  for (const seed of [1, 2, 3]) {
    const releases = pointReleases(seed, { packages: 120, releases: 8 });
    for (const layers of [60, 20, 8]) {
      const moved = (name: string): number => bytesMoved(releases, layers, PLANNERS[name]!());
      const stable = moved("stable");
      assert.ok(stable < 0.8 * moved("auto"), `seed ${seed}, ${layers} layers: ${stable}`);
      assert.ok(stable < 0.5 * moved("popularity"));
      assert.ok(stable >= moved("a layer each"));
    }
  }
});

test.run();
