/** The steps that make a list of layers or join some of it. */
import * as assert from "uvu/assert";
import type { LayeringPipeline } from "../../../../core/model/layering-pipeline.ts";
import type { ClosureGraph } from "../../../../core/closure/closure.ts";
import { planByPipeline } from "../../../../core/plan/layering-pipeline/plan-by-pipeline.ts";
import { suite } from "../../../harness.ts";
import { closureOf } from "../../../reference/closures.ts";
import { nodesOf } from "../../../reference/plans.ts";

const test = suite("plan/layering-pipeline/lists");

const SAMPLE = closureOf({ A: ["B", "G"], B: ["C", "E"], C: ["D", "E"], D: ["F"], E: ["F"], F: [], G: [] });
/** Nodes that need nothing, of these sizes; `a` is the first. */
function ofSizes(...sizes: readonly number[]): ClosureGraph {
  const names = sizes.map((_, index) => String.fromCharCode(97 + index));
  return closureOf(
    Object.fromEntries(names.map((name) => [name, []])),
    Object.fromEntries(names.map((name, index) => [name, { size: sizes[index]! }])),
  );
}

function layersOf(graph: ClosureGraph, pipeline: LayeringPipeline): string[] {
  return nodesOf(planByPipeline(graph, { layers: 126, pipeline })).map((nodes) => nodes.join(""));
}

test("popularity_contest: most popular first, equally popular by name", () => {
  assert.equal(layersOf(SAMPLE, [["popularity_contest"]]), ["F", "E", "D", "C", "B", "G", "A"]);
});

test("popularity_contest within a part counts what lies within it alone", () => {
  const pipeline: LayeringPipeline = [
    ["subcomponent_out", ["C"]],
    ["over", "main", ["popularity_contest"]],
  ];
  const { groups } = planByPipeline(SAMPLE, { layers: 126, pipeline });
  assert.equal(
    groups.map(({ reason }) => reason),
    [
      "subcomponent_out main, popularity 5: F (1 B)",
      "subcomponent_out main, popularity 2: D (1 B)",
      "subcomponent_out main, popularity 2: E (1 B)",
      "subcomponent_out main, popularity 1: C (1 B)",
      "subcomponent_out rest: A, B and G (3 B)",
    ],
  );
});

test("split_every: by size, smallest first, the last part is what remains", () => {
  assert.equal(layersOf(ofSizes(5, 1, 4, 2, 3), [["split_every", 2]]), ["bd", "ce", "a"]);
  assert.equal(layersOf(ofSizes(5, 1), [["split_every", 99]]), ["ab"]);
});

test("limit_layers: the first n - 1 stay, the others are joined", () => {
  const by = (count: number): LayeringPipeline => [["popularity_contest"], ["limit_layers", count]];
  assert.equal(layersOf(SAMPLE, by(1)), ["ABCDEFG"]);
  assert.equal(layersOf(SAMPLE, by(6)), ["F", "E", "D", "C", "B", "AG"]);
  assert.equal(layersOf(SAMPLE, by(7)), ["F", "E", "D", "C", "B", "G", "A"]);
  assert.equal(layersOf(SAMPLE, by(8)), ["F", "E", "D", "C", "B", "G", "A"]);
});

test("what limit_layers joins can be divided again, each by its own needs", () => {
  const pipeline: LayeringPipeline = [
    ["split_every", 2],
    ["limit_layers", 1],
    ["map", ["subcomponent_out", ["A"]]],
  ];
  // The parts are AB, CD, EF and G: of A's needs, B alone is with it.
  assert.equal(layersOf(SAMPLE, pipeline), ["AB", "CDEFG"]);
});

test("limit_layers counts lists within the list, and joins all that is in the others", () => {
  const pipeline: LayeringPipeline = [
    ["split_every", 2],
    ["map", ["popularity_contest"]],
    ["limit_layers", 2],
  ];
  assert.equal(layersOf(SAMPLE, pipeline), ["B", "A", "CDEFG"]);
});

test("reverse and flatten", () => {
  const pipeline: LayeringPipeline = [["split_every", 3], ["map", ["popularity_contest"]], ["reverse"]];
  assert.equal(layersOf(SAMPLE, pipeline), ["G", "F", "D", "E", "C", "B", "A"]);
  assert.equal(layersOf(SAMPLE, [...pipeline, ["flatten"], ["reverse"]]), ["A", "B", "C", "E", "D", "F", "G"]);
});

test("min_size joins what is smaller, in order; what is large enough stays as it is", () => {
  const by = (bytes: number): LayeringPipeline => [["split_every", 1], ["reverse"], ["min_size", bytes]];
  // Largest first: e 50, d 40, c 6, b 5, a 4.
  const graph = ofSizes(4, 5, 6, 40, 50);
  assert.equal(layersOf(graph, by(4)), ["e", "d", "c", "b", "a"]);
  assert.equal(layersOf(graph, by(5)), ["e", "d", "c", "ab"]);
  assert.equal(layersOf(graph, by(11)), ["e", "d", "abc"]);
  assert.equal(layersOf(graph, by(15)), ["e", "d", "abc"]);
  assert.equal(layersOf(graph, by(45)), ["e", "abcd"]);
  assert.equal(layersOf(graph, by(1000)), ["abcde"]);
});

test("min_size: a joined layer stands where its last member stood; a small rest goes to it", () => {
  const graph = ofSizes(1, 2, 3, 4, 5, 6, 7, 8);
  const pipeline: LayeringPipeline = [
    [
      "group",
      [
        { name: "first", paths: ["a"] },
        { name: "second", paths: ["h"] },
        { name: "third", paths: ["d"] },
      ],
    ],
    ["flatten"],
    ["min_size", 5],
  ];
  // a 1, h 8, d 4, the rest 23: a and d are joined behind h.
  assert.equal(layersOf(graph, pipeline), ["h", "ad", "bcefg"]);
  // b 2 alone is too small, and nothing was joined before it: it goes to the last.
  assert.equal(
    layersOf(ofSizes(9, 2), [
      ["split_every", 1],
      ["min_size", 5],
    ]),
    ["ab"],
  );
});

test("min_size passes over what dockerTools' steps make of nothing", () => {
  const pipeline: LayeringPipeline = [
    ["split_every", 1],
    ["limit_layers", 9],
    ["min_size", 3],
  ];
  const { groups } = planByPipeline(ofSizes(5, 6), { layers: 126, pipeline });
  assert.equal(
    groups.map(({ reason }) => reason),
    ["split_every 1, part 1: a (5 B)", "split_every 1, part 2: b (6 B)"],
  );
});

test.run();
