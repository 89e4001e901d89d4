// A program whose only work is to close threads that still talk; one alone is often closed before it matters.
import { workerThread } from "../../../core/tasks/worker-thread.ts";

for (let round = 0; round < 10; round++) {
  const thread = workerThread(new URL("./chatty-worker.mjs", import.meta.url));
  await thread.ask({ task: "test", input: undefined });
  await thread.close();
}
console.log("closed");
