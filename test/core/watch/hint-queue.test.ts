/** What happens at once is told at once. */
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { hintQueue } from "../../../core/watch/hint-queue.ts";
import { hostPath } from "../../../core/tree/host.ts";
import { suite } from "../../harness.ts";

const test = suite("watch/hint-queue");

test("a hundred events of one save are one hint, with each path once; what comes after it is another", async () => {
  const queue = hintQueue();
  const told: (readonly string[] | undefined)[] = [];
  let heard = (): void => {};
  queue.listen((paths) => {
    told.push(paths && [...paths]);
    heard();
  });
  const once = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  const first = once();
  for (let event = 0; event < 100; event++) queue.add(hostPath(event % 2 === 0 ? "/src/a" : "/src/b"));
  await first;
  assert.equal(told, [["/src/a", "/src/b"]]);
  const second = once();
  queue.add(hostPath("/src/c"));
  queue.add(undefined);
  await second;
  assert.equal(told.slice(1), [undefined]);
  queue.add(hostPath("/src/d"));
  queue.close();
  await delay(100);
  assert.is(told.length, 2, "what was not told when it was closed");
});

test.run();
