/** What is refused of a pipeline before any closure is there, and where it is told. */
import * as assert from "uvu/assert";
import { pathText } from "../../../../core/config/problem.ts";
import { parsePipeline } from "../../../../core/plan/layering-pipeline/parse.ts";
import { STEP_NAMES } from "../../../../core/plan/layering-pipeline/steps.ts";
import { suite } from "../../../harness.ts";

const test = suite("plan/layering-pipeline/parse");

function problemsOf(pipeline: unknown): string[] {
  return (parsePipeline(pipeline).problems ?? []).map(({ path, message }) => `${pathText(path)}: ${message}`);
}

test("dockerTools' twelve steps and our two are taken", () => {
  const all: [string, ...unknown[]][] = [
    ["popularity_contest"],
    ["reverse"],
    ["flatten"],
    ["limit_layers", 3],
    ["map", ["split_every", 2]],
    ["flatten"],
    ["min_size", 1000],
    ["map", ["remove_paths", "/nix/store/x-a"]],
    ["map", ["split_paths", ["a", { children_of: "b" }, { children_of: ["c", { role: "leaf" }] }, { role: "root" }]]],
    [
      "map",
      [
        "over",
        "common",
        [
          "pipe",
          [
            ["subcomponent_out", ["a", "lib*"]],
            ["over", "rest", ["popularity_contest"]],
          ],
        ],
      ],
    ],
    ["flatten"],
    ["map", ["subcomponent_in", []]],
    ["map", ["over", "main", ["group", [{ name: "app", paths: ["app-*"] }]]]],
    ["map", ["over", "main", ["over", "app", ["split_every", 1]]]],
  ];
  assert.equal(problemsOf(all), []);
  const used = new Set(JSON.stringify(all).match(/(?<=\[")[a-z_]+/g));
  assert.equal(
    [...STEP_NAMES].filter((name) => !used.has(name)),
    [],
  );
  assert.is(STEP_NAMES.length, 14);
});

test("what is no list of steps", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, `: expected a list of steps, such as [["popularity_contest"]], found nothing`],
    [{}, `: expected a list of steps, such as [["popularity_contest"]], found an object`],
    [["popularity_contest"], `: expected a list of steps, found a single one; write [["popularity_contest", …]]`],
    [[[]], `[0]: expected a step, such as ["limit_layers", 20], found an empty list`],
    [[null], `[0]: expected a step, such as ["limit_layers", 20], found null`],
    [[[7]], `[0][0]: expected a step's name, found 7`],
    [[["split_path", ["a"]]], `[0][0]: the text "split_path" is no known step; did you mean "split_paths"?`],
    [[["__proto__"]], `[0][0]: the text "__proto__" is no known step; known are ${STEP_NAMES.join(", ")}`],
  ];
  for (const [pipeline, problem] of cases) assert.equal(problemsOf(pipeline), [problem], JSON.stringify(pipeline));
});

test("arguments: how many, and which", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [["popularity_contest", 3], `[0][1]: is too much: popularity_contest takes no arguments`],
    [["limit_layers"], `[0][1]: is missing: limit_layers takes a number of layers; expected a number of layers`],
    [["limit_layers", 0], `[0][1]: expected a whole number of at least 1, found 0`],
    [["limit_layers", -3], `[0][1]: expected a whole number of at least 1, found -3`],
    [["split_every", 1.5], `[0][1]: expected a whole number of at least 1, found 1.5`],
    [["split_every", "2"], `[0][1]: expected a whole number of at least 1, found the text "2"`],
    [["split_every", true], `[0][1]: expected a whole number of at least 1, found true`],
    [["over", "main"], `[0][2]: is missing: over takes a key and a step; expected a step`],
    [["over", ["main"], ["flatten"]], `[0][1]: expected a key, such as "main" or "rest", found a list of 1`],
    [["map", [["flatten"]]], `[0][1]: expected one step, found a list of steps; write ["pipe", [[…], […]]]`],
    [["pipe", ["flatten"]], `[0][1]: expected a list of steps, found a single one; write [["flatten", …]]`],
    [["pipe", [["flaten"]]], `[0][1][0][0]: the text "flaten" is no known step; did you mean "flatten"?`],
    [["subcomponent_out", [""]], `[0][1][0]: expected ${SELECTOR}, found the text ""`],
    [["subcomponent_in", [{ role: "top" }]], `[0][1][0]: expected ${SELECTOR}, found an object`],
    [["subcomponent_in", [{ role: "root", of: "x" }]], `[0][1][0].of: is not known; known are role`],
    [["remove_paths", 3], `[0][1]: expected ${SELECTOR}, found 3`],
    [["remove_paths", [{ children_of: "a" }]], `[0][1][0]: expected ${SELECTOR}, found an object`],
    [["split_paths", [{ childrenOf: "a" }]], `[0][1][0]: expected ${SELECTOR} or { children_of: … }, found an object`],
    [["split_paths", [{ children_of: [3] }]], `[0][1][0].children_of[0]: expected ${SELECTOR}, found 3`],
    [["split_paths", ["lib[a"]], `[0][1][0]: Glob "lib[a" opens a "[" that it does not close`],
    [["group", { app: ["a"] }], `[0][1]: expected a list of { name, paths }, found an object`],
    [["group", ["a"]], `[0][1][0]: expected { name, paths }, found the text "a"`],
    [["group", [{ name: "rest", paths: [] }]], `[0][1][0].name: "rest" is what no group takes`],
    [["group", [{ name: "7", paths: [] }]], `[0][1][0].name: expected a name that is no number, found "7"`],
    [["group", [{ name: "", paths: [] }]], `[0][1][0].name: expected a name, found the text ""`],
    [["group", [{ name: "a", paths: 3 }]], `[0][1][0].paths: expected ${SELECTOR}, found 3`],
  ];
  for (const [step, problem] of cases) assert.equal(problemsOf([step]), [problem], JSON.stringify(step));
});

const SELECTOR = `a node's name, id or path, a glob, { role: "root" } or { role: "leaf" }`;

test("groups of one name", () => {
  const twice = [
    { name: "a", paths: [] },
    { name: "a", paths: [] },
  ];
  assert.equal(problemsOf([["group", twice]]), [`[0][1][1].name: "a" is the name of two groups`]);
});

test("all problems are told at once", () => {
  assert.is(problemsOf([["limit_layers", 0], ["nothing"], ["map", ["reverse", 1]]]).length, 3);
});

test("steps within steps end somewhere", () => {
  const nested = (depth: number): unknown => (depth === 0 ? ["flatten"] : ["pipe", [nested(depth - 1)]]);
  assert.equal(problemsOf([nested(20)]), []);
  assert.match(problemsOf([nested(21)])[0]!, /is nested too deeply: steps stand in each other at most 20 deep/);
  const circle: unknown[] = ["map"];
  circle.push(circle);
  assert.match(problemsOf([circle])[0]!, /is nested too deeply/);
});

test.run();
