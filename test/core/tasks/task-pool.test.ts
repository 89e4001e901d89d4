/** Who may begin, and when. */
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { taskPool } from "../../../core/tasks/task-pool.ts";
import { workerUrl } from "../../../core/tasks/worker-url.ts";
import { suite } from "../../harness.ts";

const test = suite("tasks/task-pool");

function pool() {
  return taskPool({ jobs: 1, signal: new AbortController().signal, worker: workerUrl() });
}

test("while somebody holds nothing begins, and what has begun goes on", async () => {
  const { map, hold, close } = pool();
  const seen: string[] = [];
  const begun = map("net", ["begun"], async (item) => {
    await delay(1);
    seen.push(item);
  });
  await Promise.resolve();
  await Promise.resolve();
  const [first, second] = [hold(), hold()];
  const waiting = map("io", ["waiting"], async (item) => void seen.push(item));
  await begun;
  first();
  await delay(5);
  assert.equal(seen, ["begun"]);
  second();
  await waiting;
  assert.equal(seen, ["begun", "waiting"]);
  await close();
});

test("a hold that nobody releases ends by itself: who holds may wait for others", async () => {
  const { map, hold, close } = pool();
  hold();
  assert.equal(await map("net", [1, 2], async (item) => item + 1), [2, 3]);
  await close();
});

test.run();
