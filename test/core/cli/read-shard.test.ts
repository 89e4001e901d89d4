/** `--shard`, as it is written and as job arrays say it. */
import * as assert from "uvu/assert";
import { readShard } from "../../../core/cli/read-shard.ts";
import { ImageDslError } from "../../../core/error.ts";
import { suite } from "../../harness.ts";

const test = suite("core/cli/read-shard");

test("a shard is I of N, and merge is all of them", () => {
  assert.equal(readShard("2/4", {}), { index: 2, count: 4 });
  assert.is(readShard("merge", {}), undefined);
});

test("auto is what the scheduler says", () => {
  assert.equal(readShard("auto/4", { JOB_COMPLETION_INDEX: "0" }), { index: 1, count: 4 });
  const slurm = { SLURM_ARRAY_TASK_ID: "12", SLURM_ARRAY_TASK_MIN: "10", SLURM_ARRAY_TASK_COUNT: "3" };
  assert.equal(readShard("auto", slurm), { index: 3, count: 3 });
  const stepped = { SLURM_ARRAY_TASK_ID: "5", SLURM_ARRAY_TASK_MIN: "1", SLURM_ARRAY_TASK_STEP: "2" };
  assert.equal(readShard("auto/4", stepped), { index: 3, count: 4 });
  assert.equal(readShard("auto", { CI_NODE_INDEX: "4", CI_NODE_TOTAL: "4" }), { index: 4, count: 4 });
});

test("what is no shard says how one is written", () => {
  const wrong: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ["", {}, /is no shard/],
    ["3", {}, /is no shard/],
    ["0/4", {}, /is shard 0 of 4/],
    ["5/4", {}, /is shard 5 of 4/],
    ["1/0", {}, /has 0 shards/],
    ["1/4/2", {}, /is no shard/],
    ["auto", {}, /none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID, CI_NODE_INDEX is set/],
    ["auto", { JOB_COMPLETION_INDEX: "1" }, /does not say how many/],
    ["auto/3", { CI_NODE_INDEX: "1", CI_NODE_TOTAL: "4" }, /says 3 shards, and CI_NODE_TOTAL 4/],
    ["auto/3", { JOB_COMPLETION_INDEX: "3" }, /is shard 4 of 3/],
    ["auto/4", { SLURM_ARRAY_TASK_ID: "2", SLURM_ARRAY_TASK_STEP: "2" }, /is shard 1\.5 of 4/],
  ];
  for (const [text, env, message] of wrong) {
    try {
      readShard(text, env);
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, ImageDslError);
      assert.is((error as ImageDslError).code, "E_USAGE");
      assert.match((error as ImageDslError).message, message);
    }
  }
});

test.run();
