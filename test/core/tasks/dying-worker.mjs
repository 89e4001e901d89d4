// Ends when it is given work.
import { parentPort } from "node:worker_threads";
parentPort.on("message", () => process.exit(3));
parentPort.postMessage("ready");
