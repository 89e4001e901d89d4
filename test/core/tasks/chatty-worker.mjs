// Answers each question many times over, so that answers are still on their way when it is closed.
import { parentPort } from "node:worker_threads";
parentPort.on("message", () => {
  for (let count = 0; count < 10_000; count++) parentPort.postMessage({ ok: true, output: count });
});
parentPort.postMessage("ready");
