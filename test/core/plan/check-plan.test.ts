/** The check on every plan: each way in which one can lose or invent a node. */
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { checkPlan } from "../../../core/plan/check-plan.ts";
import { suite } from "../../harness.ts";
import { closureOf } from "../../reference/closures.ts";

const test = suite("plan/check-plan");
const GRAPH = closureOf({ a: ["b"], b: [], c: [], d: [], e: [] });

test("a plan with every node once passes, in any order, with empty groups", () => {
  checkPlan(GRAPH, planOf(["e", "a"], [], ["c", "b", "d"]));
});

refused("a lost node", [["a", "b", "c", "d"]], 'Layer plan "mine" leaves out "e"');
refused("many lost nodes", [["a"]], 'Layer plan "mine" leaves out "b", "c", "d" and 1 more');
refused(
  "a node in two layers",
  [
    ["a", "b", "c"],
    ["d", "e", "a"],
  ],
  'Layer plan "mine" repeats "a"',
);
refused("a node twice in one layer", [["a", "b", "c", "d", "e", "e"]], 'Layer plan "mine" repeats "e"');
refused(
  "an unknown node, even in exchange for a known one",
  [["a", "b", "c", "d", "x\n"]],
  'Layer plan "mine" leaves out "e"; it names what the closure has not: "x\\x0a"',
);

function refused(what: string, groups: readonly (readonly string[])[], message: string): void {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => checkPlan(GRAPH, planOf(...groups)),
      (error: unknown) =>
        error instanceof ImageDslError &&
        error.code === "E_LAYERS" &&
        error.message === message &&
        error.hint !== undefined,
    );
  });
}

function planOf(...groups: readonly (readonly string[])[]) {
  return { strategy: "mine", groups: groups.map((nodes) => ({ nodes, reason: "because", size: 0 })) };
}

test.run();
