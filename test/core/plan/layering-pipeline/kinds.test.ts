/** What flows from step to step is followed before anything is built. */
import * as assert from "uvu/assert";
import { pathText } from "../../../../core/config/problem.ts";
import type { PipelineStep } from "../../../../core/plan/layering-pipeline/steps.ts";
import { parsePipeline } from "../../../../core/plan/layering-pipeline/parse.ts";
import { suite } from "../../../harness.ts";

const test = suite("plan/layering-pipeline/kinds");

function problemsOf(...steps: PipelineStep[]): string[] {
  return (parsePipeline(steps).problems ?? []).map(({ path, message }) => `${pathText(path)}: ${message}`);
}

test("a step that cannot take what it is given, and what to write", () => {
  assert.equal(problemsOf(["limit_layers", 3]), [
    `[0]: limit_layers cannot take a graph that nothing has divided yet; put ["popularity_contest"] or ["split_every", n] before it, which make a list`,
  ]);
  assert.equal(problemsOf(["split_paths", "a"], ["limit_layers", 3]), [
    `[1]: limit_layers cannot take parts by name (main, common, rest); put ["flatten"] before it`,
  ]);
  assert.equal(problemsOf(["popularity_contest"], ["split_paths", "a"]), [
    `[1]: split_paths cannot take a list of layers; write ["map", ["split_paths", …]] to do it to each of the list`,
  ]);
  assert.equal(problemsOf(["subcomponent_out", "a"], ["popularity_contest"]), [
    `[1]: popularity_contest cannot take parts by name (main, rest); write ["over", "rest", ["popularity_contest"]] to do it to one of them`,
  ]);
  assert.equal(problemsOf(["over", "main", ["flatten"]]), [
    `[0]: over cannot take a graph that nothing has divided yet; put split_paths, subcomponent_out, subcomponent_in or group before it, which make parts`,
  ]);
  for (const step of [["reverse"], ["min_size", 1], ["map", ["flatten"]]] satisfies PipelineStep[]) {
    assert.is(problemsOf(step).length, 1, step[0]);
    assert.is(problemsOf(["split_every", 2], step).length, 0, step[0]);
  }
});

test("a key that no part can have", () => {
  assert.equal(problemsOf(["subcomponent_in", "a"], ["over", "common", ["flatten"]]), [
    `[1][1]: "common" is no part here; there are main, rest`,
  ]);
  assert.equal(problemsOf(["split_paths", "a"], ["over", "comon", ["flatten"]]), [
    `[1][1]: "comon" is no part here; did you mean "common"?`,
  ]);
  assert.equal(problemsOf(["group", [{ name: "app", paths: "a" }]], ["over", "app", ["popularity_contest"]]), []);
});

test("kinds are followed into over, map and pipe", () => {
  const contest: PipelineStep = ["popularity_contest"];
  assert.equal(problemsOf(["split_paths", "a"], ["over", "main", ["pipe", [contest, ["limit_layers", 2]]]]), []);
  const over = problemsOf(["split_paths", "a"], ["over", "main", contest], ["over", "main", contest]);
  assert.match(over[0]!, /^\[2\]\[2\]: popularity_contest cannot take a list of layers/);
  const map = problemsOf(["split_every", 2], ["map", ["pipe", [["split_paths", "a"], contest]]]);
  assert.match(map[0]!, /^\[1\]\[1\]\[1\]\[1\]: popularity_contest cannot take parts by name/);
  assert.equal(
    problemsOf(["split_every", 2], ["map", contest], ["map", ["limit_layers", 1]], ["flatten"], ["map", contest]),
    [],
  );
});

test("one mistake is told once: what comes after it is not judged", () => {
  assert.is(problemsOf(["limit_layers", 3], ["over", "main", ["flatten"]], ["reverse"]).length, 1);
});

test.run();
