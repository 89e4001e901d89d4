/** Whole pipelines: against what nixpkgs' own code made of them, against a slow reference, and what every plan promises. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { closureGraph } from "../../../../core/closure/closure-graph.ts";
import { ImageDslError } from "../../../../core/error.ts";
import type { ClosureGraph } from "../../../../core/closure/closure.ts";
import type { LayeringPipeline } from "../../../../core/model/layering-pipeline.ts";
import { checkPlan } from "../../../../core/plan/check-plan.ts";
import { planByPipeline } from "../../../../core/plan/layering-pipeline/plan-by-pipeline.ts";
import { suite } from "../../../harness.ts";
import { runs } from "../../../sampled.ts";
import { closureOf, randomClosure, shuffled } from "../../../reference/closures.ts";
import { naivePipelineGroups } from "../../../reference/naive-pipeline.ts";
import { nixpkgsCases, storeClosure } from "../../../reference/nixpkgs-pipelines.ts";
import { nodesOf, sorted } from "../../../reference/plans.ts";
import { randomPipeline } from "../../../reference/random-pipeline.ts";

const test = suite("plan/layering-pipeline/plan-by-pipeline");

const SAMPLE = closureOf({ A: ["B", "G"], B: ["C", "E"], C: ["D", "E"], D: ["F"], E: ["F"], F: [], G: [] });
const ROOM = { layers: 126 };

function layersOf(graph: ClosureGraph, pipeline: LayeringPipeline): string[][] {
  return nodesOf(planByPipeline(graph, { ...ROOM, pipeline }));
}

function problemOf(graph: ClosureGraph, pipeline: LayeringPipeline, layers = 126): ImageDslError {
  try {
    planByPipeline(graph, { layers, pipeline });
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(pipeline)} was taken`);
}

for (const { name, pipeline, layers } of nixpkgsCases) {
  test(`a nixpkgs pipeline runs unchanged: ${name}`, () => {
    const plan = planByPipeline(storeClosure(), { ...ROOM, pipeline });
    checkPlan(storeClosure(), plan);
    const made = plan.groups.filter(({ reason }) => !reason.startsWith("taken out by remove_paths"));
    assert.equal(
      made.map(({ nodes }) => sorted(nodes)),
      layers,
    );
  });
}

test("names and globs instead of store paths give the same layers", () => {
  const path = [...storeClosure().nodes.keys()].find((id) => id.endsWith("-my-site-1.0"))!;
  const byPath = layersOf(storeClosure(), [["split_paths", [path]]]);
  assert.equal(layersOf(storeClosure(), [["split_paths", ["my-site-1.0"]]]), byPath);
  assert.equal(layersOf(storeClosure(), [["split_paths", ["my-site-*"]]]), byPath);
});

test("the sample graph: by popularity, and each layer says which step made it", () => {
  const plan = planByPipeline(SAMPLE, { ...ROOM, pipeline: [["popularity_contest"], ["limit_layers", 3]] });
  assert.equal(plan, {
    strategy: "pipeline",
    groups: [
      { nodes: ["F"], reason: "popularity 9: F (1 B)", size: 1 },
      { nodes: ["E"], reason: "popularity 5: E (1 B)", size: 1 },
      { nodes: ["A", "B", "C", "D", "G"], reason: "past limit_layers 3: A, B, C and 2 more (5 B)", size: 5 },
    ],
  });
});

test("a pipeline that divides nothing makes one layer", () => {
  for (const pipeline of [[], [["flatten"]], [["remove_paths", "no such path"]]] satisfies LayeringPipeline[]) {
    assert.equal(layersOf(SAMPLE, pipeline), [["A", "B", "C", "D", "E", "F", "G"]]);
  }
  assert.is(planByPipeline(SAMPLE, { ...ROOM, pipeline: [] }).groups[0]!.reason, "undivided: A, B, C and 4 more (7 B)");
});

test("an empty closure has no layers, whatever the pipeline", () => {
  const nothing = closureGraph([], []);
  assert.equal(
    layersOf(nothing, [
      ["split_paths", ["a"]],
      ["over", "main", ["popularity_contest"]],
    ]),
    [],
  );
});

test("what remove_paths takes out is the last layer, since no node may be lost", () => {
  const plan = planByPipeline(SAMPLE, {
    ...ROOM,
    pipeline: [
      ["remove_paths", ["E"]],
      ["split_paths", ["C"]],
      ["over", "main", ["remove_paths", "F"]],
    ],
  });
  assert.equal(nodesOf(plan), [
    ["C", "D"],
    ["A", "B", "G"],
    ["E", "F"],
  ]);
  assert.is(plan.groups[2]!.reason, "taken out by remove_paths: E and F (2 B)");
});

test("nodes that need each other stay together, chosen by any of them", () => {
  const graph = closureOf({ app: ["libc6", "tool"], tool: [], libc6: ["libgcc-s1"], "libgcc-s1": ["libc6"] });
  const pipeline: LayeringPipeline = [
    ["subcomponent_in", ["libgcc-s1"]],
    ["over", "main", ["popularity_contest"]],
  ];
  const plan = planByPipeline(graph, { ...ROOM, pipeline });
  assert.equal(nodesOf(plan), [["libc6", "libgcc-s1"], ["app"], ["tool"]]);
  assert.is(plan.groups[0]!.reason, "subcomponent_in main, popularity 2: cycle: libc6, libgcc-s1 (2 B)");
  assert.is(
    planByPipeline(graph, { ...ROOM, pipeline: [] }).groups[0]!.reason,
    "undivided: app, (cycle: libc6, libgcc-s1) and tool (4 B)",
  );
});

test("nodes without files link others but make no layer; the last one lists them", () => {
  const graph = closureOf({ meta: ["a", "b"], a: [], b: [], other: [] }, { meta: { isEmpty: true } });
  const plan = planByPipeline(graph, { ...ROOM, pipeline: [["subcomponent_out", ["meta"]]] });
  assert.equal(nodesOf(plan), [
    ["a", "b"],
    ["meta", "other"],
  ]);
  assert.is(plan.groups[1]!.reason, "subcomponent_out rest: other (1 B); without files: meta");
  assert.equal(layersOf(graph, [["popularity_contest"]]).length, 3);
  assert.equal(layersOf(graph, [["split_every", 3]]).length, 1);
});

test("more layers than there is room for are refused, with the step that mends it", () => {
  const error = problemOf(SAMPLE, [["popularity_contest"]], 6);
  assert.is(error.code, "E_LAYERS");
  assert.is(error.message, "The layering pipeline makes 7 layers, but only 6 are left for the closure");
  assert.match(error.hint!, /"limit_layers", 6\]/);
  assert.is(layersOf(SAMPLE, [["popularity_contest"], ["limit_layers", 6]]).length, 6);

  const removing = problemOf(SAMPLE, [["remove_paths", "A"], ["popularity_contest"]], 6);
  assert.match(removing.message, /makes 7 layers \(one of them for what remove_paths took out\)/);
  assert.match(removing.hint!, /"limit_layers", 5\]/);
  assert.match(problemOf(SAMPLE, [["remove_paths", "A"]], 1).hint!, /Leave out remove_paths, or raise maxLayers/);
});

test("a pipeline that no config check has seen is checked all the same", () => {
  const error = problemOf(SAMPLE, [["limit_layers", "many"], ["reverse"]]);
  assert.is(error.code, "E_CONFIG_INVALID");
  assert.match(
    error.message,
    /layeringPipeline\[0\]\[1\]: expected a whole number of at least 1, found the text "many"/,
  );
  assert.throws(() => planByPipeline(SAMPLE, ROOM), /needs the steps of the pipeline/);
});

test("random pipelines over random closures with cycles: as the slow reference says", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 9, withEmpty: true }), randomPipeline, (graph, pipeline) => {
      const plan = planByPipeline(graph, { layers: 1000, pipeline });
      const empty = [...graph.nodes.values()].filter(({ tree }) => tree.size === 0).map(({ id }) => id);
      const made = plan.groups.filter(({ reason }) => !reason.startsWith("taken out by remove_paths"));
      const filled = made.map(({ nodes }) => sorted(nodes.filter((id) => !empty.includes(id) || isInCycle(graph, id))));
      const expected = naivePipelineGroups(graph, pipeline).map(sorted);
      assert.equal(
        filled.filter((nodes) => nodes.length > 0),
        expected,
      );
    }),
    { numRuns: runs(500) },
  );
});

test("any closure: every node exactly once, order of arrival without effect", () => {
  fc.assert(
    fc.property(randomClosure({ maxNodes: 40, withEmpty: true }), randomPipeline, fc.nat(), (graph, pipeline, seed) => {
      const plan = planByPipeline(graph, { layers: 1000, pipeline });
      checkPlan(graph, plan);
      assert.ok(plan.groups.every(({ nodes, reason }) => nodes.length > 0 && reason !== ""));
      assert.equal(planByPipeline(shuffled(graph, seed), { layers: 1000, pipeline }), plan);
    }),
    { numRuns: runs(200) },
  );
});

/** A node without files that needs, and is needed by, one with files belongs to what has files. */
function isInCycle(graph: ClosureGraph, id: string): boolean {
  const below = (from: string, seen = new Set<string>()): Set<string> => {
    for (const need of graph.nodes.get(from)!.needs) if (!seen.has(need)) below(need, seen.add(need));
    return seen;
  };
  return [...below(id)].some((other) => graph.nodes.get(other)!.tree.size > 0 && below(other).has(id));
}

test.run();
