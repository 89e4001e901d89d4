/** The steps that divide a graph by its needs, on graphs where the answer can be seen. */
import * as assert from "uvu/assert";
import type { LayeringPipeline } from "../../../../core/model/layering-pipeline.ts";
import type { ClosureGraph } from "../../../../core/closure/closure.ts";
import { planByPipeline } from "../../../../core/plan/layering-pipeline/plan-by-pipeline.ts";
import { suite } from "../../../harness.ts";
import { closureOf } from "../../../reference/closures.ts";

const test = suite("plan/layering-pipeline/split-paths");

/** Three roots, and one node that stands alone. */
const GRAPH = closureOf({
  one: ["a"],
  a: ["b", "d"],
  b: ["d", "f"],
  d: ["e"],
  e: [],
  f: [],
  two: ["b"],
  three: ["c"],
  c: [],
  alone: [],
});

/** `main: a, b`, in order. */
function partsOf(pipeline: LayeringPipeline, graph: ClosureGraph = GRAPH): string[] {
  const { groups } = planByPipeline(graph, { layers: 126, pipeline });
  return groups.map(({ nodes, reason }) => `${/(main|common|rest)\b/.exec(reason)?.[1]}: ${nodes.join(", ")}`);
}

test("split_paths: what is chosen and only it needs, what others need too, the rest", () => {
  assert.equal(partsOf([["split_paths", ["b"]]]), ["main: b, f", "common: d, e", "rest: a, alone, c, one, three, two"]);
  assert.equal(partsOf([["split_paths", ["b", "three"]]]), [
    "main: b, c, f, three",
    "common: d, e",
    "rest: a, alone, one, two",
  ]);
});

test("split_paths leaves out parts without nodes", () => {
  assert.equal(partsOf([["split_paths", ["d"]]]), ["main: d, e", "rest: a, alone, b, c, f, one, three, two"]);
  assert.equal(partsOf([["split_paths", []]]), ["rest: a, alone, b, c, d, e, f, one, three, two"]);
  assert.equal(partsOf([["split_paths", ["unknown"]]]), partsOf([["split_paths", []]]));
});

test("split_paths of the only root is main alone; of one of several it is not", () => {
  const chain = closureOf({ top: ["low", "mid"], mid: ["low"], low: [] });
  assert.equal(partsOf([["split_paths", ["low", "top"]]], chain), ["main: low, mid, top"]);
  assert.equal(partsOf([["split_paths", ["one", "two", "three", "alone"]]]), [
    "main: a, alone, b, c, d, e, f, one, three, two",
  ]);
});

test("split_paths with children_of chooses what a node needs directly", () => {
  assert.equal(partsOf([["split_paths", [{ children_of: "b" }]]]), [
    "main: d, e, f",
    "rest: a, alone, b, c, one, three, two",
  ]);
  assert.equal(partsOf([["split_paths", [{ children_of: ["b", "three", "unknown"] }, "alone"]]]), [
    "main: alone, c, d, e, f",
    "rest: a, b, one, three, two",
  ]);
});

test("what leads to a chosen node is cut: later steps do not follow it", () => {
  const chain = closureOf({ top: ["mid"], mid: ["low"], low: [], other: [] });
  const split: LayeringPipeline = [["split_paths", ["mid", "low"]]];
  assert.equal(partsOf([...split, ["over", "main", ["subcomponent_out", ["mid"]]]], chain), [
    "main: mid",
    "main: low",
    "rest: other, top",
  ]);
});

test("subcomponent_out: with all that it needs; subcomponent_in: with all that needs it", () => {
  assert.equal(partsOf([["subcomponent_out", ["b", "unknown"]]]), [
    "main: b, d, e, f",
    "rest: a, alone, c, one, three, two",
  ]);
  assert.equal(partsOf([["subcomponent_in", ["b"]]]), ["main: a, b, one, two", "rest: alone, c, d, e, f, three"]);
  assert.equal(partsOf([["subcomponent_in", []]]), ["rest: a, alone, b, c, d, e, f, one, three, two"]);
});

test("subcomponents have both keys, also where one is without nodes", () => {
  const pipeline: LayeringPipeline = [
    ["subcomponent_out", ["unknown"]],
    ["over", "main", ["popularity_contest"]],
    ["over", "rest", ["split_every", 100]],
  ];
  assert.is(planByPipeline(GRAPH, { layers: 126, pipeline }).groups.length, 1);
});

test("roles: root is what the config asks for, leaf what needs nothing", () => {
  assert.equal(partsOf([["subcomponent_out", [{ role: "root" }]]]), [
    "main: a, b, d, e, f, one",
    "rest: alone, c, three, two",
  ]);
  assert.equal(partsOf([["split_paths", { role: "leaf" }]])[0], "main: alone, c, e, f");
});

test.run();
