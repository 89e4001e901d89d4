/** The plugin as a build uses it: it answers for `auto`, and for nothing else. */
import * as assert from "uvu/assert";
import { autoLayersPlugin } from "../../../plugins/auto-layers/index.ts";
import { suite } from "../../harness.ts";
import { closureOf } from "../../reference/closures.ts";
import { nodesOf, planWith } from "../../reference/plans.ts";

const test = suite("plugins/auto-layers");
const GRAPH = closureOf({ app: ["lib"], lib: [] }, { app: { size: 10 }, lib: { size: 30 } });

test('plans for "auto" by size', () => {
  const plan = planWith(autoLayersPlugin, "auto", GRAPH, { layers: 2 });
  assert.is(plan?.strategy, "auto");
  assert.equal(nodesOf(plan!), [["lib"], ["app"]]);
  assert.is(plan!.groups[0]!.reason, "largest remaining: lib (30 B)");
});

test("leaves other strategies to other plugins", () => {
  assert.is(planWith(autoLayersPlugin, "popularity", GRAPH, { layers: 2 }), undefined);
});

test.run();
