/** The plugin as a build uses it: it answers for `popularity`, and for nothing else. */
import * as assert from "uvu/assert";
import { popularityPlugin } from "../../../plugins/popularity/index.ts";
import { suite } from "../../harness.ts";
import { closureOf } from "../../reference/closures.ts";
import { nodesOf, planWith } from "../../reference/plans.ts";

const test = suite("plugins/popularity");
const GRAPH = closureOf({ app: ["lib"], lib: [] }, { app: { size: 30 }, lib: { size: 10 } });

test('plans for "popularity" by popularity', () => {
  const plan = planWith(popularityPlugin, "popularity", GRAPH, { layers: 2 });
  assert.is(plan?.strategy, "popularity");
  assert.equal(nodesOf(plan!), [["lib"], ["app"]]);
  assert.is(plan!.groups[0]!.reason, "popularity 2: lib (10 B), needed by app");
});

test("leaves other strategies to other plugins", () => {
  assert.is(planWith(popularityPlugin, "auto", GRAPH, { layers: 2 }), undefined);
});

test.run();
