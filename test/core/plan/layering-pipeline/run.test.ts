/** Steps that pass values on, groups, and what only a closure can show to be wrong. */
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/error.ts";
import type { LayeringPipeline } from "../../../../core/model/layering-pipeline.ts";
import { planByPipeline } from "../../../../core/plan/layering-pipeline/plan-by-pipeline.ts";
import { suite } from "../../../harness.ts";
import { closureOf } from "../../../reference/closures.ts";
import { nodesOf } from "../../../reference/plans.ts";

const test = suite("plan/layering-pipeline/run");

const GRAPH = closureOf({
  app: ["flask", "python"],
  flask: ["python"],
  python: ["libc", "libz"],
  libz: ["libc"],
  libc: [],
  tool: ["libc"],
});

function layersOf(pipeline: LayeringPipeline): string[][] {
  return nodesOf(planByPipeline(GRAPH, { layers: 126, pipeline }));
}

function problemOf(pipeline: LayeringPipeline): ImageDslError {
  try {
    layersOf(pipeline);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(pipeline)} was taken`);
}

test("over changes one part and keeps the order of all", () => {
  const pipeline: LayeringPipeline = [
    ["split_paths", ["python"]],
    ["over", "rest", ["split_every", 2]],
    ["over", "main", ["popularity_contest"]],
  ];
  assert.equal(layersOf(pipeline), [["libz"], ["python"], ["libc"], ["app", "flask"], ["tool"]]);
});

test("map and pipe", () => {
  const pipeline: LayeringPipeline = [
    ["split_every", 4],
    ["map", ["pipe", [["remove_paths", ["tool"]], ["popularity_contest"], ["limit_layers", 2], ["reverse"]]]],
  ];
  // All are of one size, so parts are by name: app, flask, libc, libz, then python, tool.
  assert.equal(layersOf(pipeline), [["app", "libc", "libz"], ["flask"], ["python"], ["tool"]]);
});

test("group: a layer for each, in order, and the rest goes on", () => {
  const pipeline: LayeringPipeline = [
    [
      "group",
      [
        { name: "libraries", paths: "lib*" },
        { name: "absent", paths: ["nothing-*"] },
        { name: "both", paths: ["libc", "app"] },
      ],
    ],
    ["over", "rest", ["popularity_contest"]],
  ];
  const { groups } = planByPipeline(GRAPH, { layers: 126, pipeline });
  assert.equal(
    groups.map(({ reason }) => reason),
    [
      "group libraries: libc and libz (2 B)",
      "group both: app (1 B)",
      "outside of all groups, popularity 2: python (1 B)",
      "outside of all groups, popularity 1: flask (1 B)",
      "outside of all groups, popularity 1: tool (1 B)",
    ],
  );
});

test("a group can be divided further, also one that is empty", () => {
  const pipeline: LayeringPipeline = [
    [
      "group",
      [
        { name: "app", paths: ["app", "flask"] },
        { name: "none", paths: "nothing-*" },
      ],
    ],
    ["over", "app", ["popularity_contest"]],
    ["over", "none", ["popularity_contest"]],
  ];
  assert.equal(layersOf(pipeline), [["flask"], ["app"], ["libc", "libz", "python", "tool"]]);
});

test("a name in a group that is nowhere in the closure is an error, with its place", () => {
  const error = problemOf([
    ["subcomponent_out", ["python"]],
    ["over", "rest", ["group", [{ name: "app", paths: ["app", "flsk"] }]]],
  ]);
  assert.is(error.code, "E_LAYERS");
  assert.is(error.message, `The closure has no node "flsk" to put into a group`);
  assert.is(error.hint, `Did you mean "flask"?`);
  assert.equal(error.place, { path: "layeringPipeline[1][2][1][0].paths" });
  // One that is elsewhere in the closure is not.
  assert.equal(
    layersOf([
      ["subcomponent_out", ["python"]],
      ["over", "rest", ["group", [{ name: "a", paths: "libc" }]]],
    ]),
    [
      ["libc", "libz", "python"],
      ["app", "flask", "tool"],
    ],
  );
});

test("a part that is not there is an error that says which are, and why", () => {
  const main = problemOf([
    ["split_paths", ["perl"]],
    ["over", "main", ["popularity_contest"]],
  ]);
  assert.is(main.code, "E_LAYERS");
  assert.is(main.message, `There is no part "main" to do popularity_contest to, only rest`);
  assert.is(main.place?.path, "layeringPipeline[1][1]");
  assert.match(main.hint!, /none of its paths is in the closure: check their names/);
  const common = problemOf([
    [
      "pipe",
      [
        ["split_paths", ["libc"]],
        ["over", "common", ["flatten"]],
      ],
    ],
  ]);
  assert.match(common.message, /^There is no part "common" to do flatten to, only main and rest$/);
  assert.is(common.place?.path, "layeringPipeline[0][1][1][1]");
  assert.match(common.hint!, /leaves out parts without nodes/);
});

test("a kind that shows only with the closure is an error all the same", () => {
  const error = problemOf([
    ["split_every", 2],
    ["map", ["popularity_contest"]],
    ["limit_layers", 2],
    ["map", ["limit_layers", 1]],
  ]);
  assert.is(error.code, "E_LAYERS");
  assert.match(error.message, /^limit_layers cannot take a graph that nothing has divided yet/);
});

test("unknown paths are ignored, as upstream does", () => {
  for (const step of [
    ["remove_paths", ["perl", "/nix/store/none"]],
    ["remove_paths", "perl"],
    ["split_paths", ["perl", { children_of: "perl" }]],
    ["subcomponent_out", "perl"],
    ["subcomponent_in", ["perl-*"]],
  ] as const) {
    assert.equal(layersOf([step]), [["app", "flask", "libc", "libz", "python", "tool"]], step[0]);
  }
});

test.run();
