/** A worker thread's main: it answers one question after the other, with a result or an error's parts. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { Codec } from "../compress/codec.ts";
import { raiseLimits, type RaisedLimits } from "../limits/limits.ts";
import { failureOf, type WorkerFailure } from "./worker-failure.ts";
import { tarTasks, type TarRequest } from "./worker-tar.ts";
import type { WorkerTaskName } from "./worker-tasks.ts";

/** What a thread is started with. */
export interface WorkerStart {
  /** Slots of `CHUNK` bytes, shared by all threads that make layers. */
  readonly slots?: SharedArrayBuffer;
  /** What it is going to be asked to compress with. */
  readonly codec?: Codec["name"];
}

export type WorkerRequest = TarRequest | NamedRequest;

interface NamedRequest {
  readonly task: WorkerTaskName;
  readonly input: unknown;
  /** Those of the process, which a thread does not share. */
  readonly limits: RaisedLimits;
}

/** That it listens now, then an answer to each question. */
export type WorkerMessage =
  | "ready"
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly failure: WorkerFailure };

if (parentPort) serve(parentPort, (workerData ?? {}) as WorkerStart);

function serve(port: MessagePort, { slots, codec }: WorkerStart): void {
  const makeTar = slots && tarTasks(slots);
  const post = (message: WorkerMessage): void => port.postMessage(message);
  const fail = (error: unknown): void => post({ ok: false, failure: failureOf(error) });
  port.on("message", (request: WorkerRequest) => {
    if (request.task !== "tar") {
      runTask(request).then((output) => post({ ok: true, output }), fail);
      return;
    }
    try {
      post({ ok: true, output: makeTar!(request) });
    } catch (error) {
      fail(error);
    }
  });
  post("ready");
  if (codec === undefined) return;
  // Where that fails, so does the first piece, and tells of it.
  void import("./worker-tasks.ts").then(({ prepareEncoder }) => prepareEncoder(codec)).catch(() => {});
}

async function runTask({ task: name, input, limits }: NamedRequest): Promise<unknown> {
  // Not for threads that make layers: these have to start fast.
  const { WORKER_TASKS } = await import("./worker-tasks.ts");
  // Each task checks what it needs of its input; the pool's types tie names to inputs.
  const task = WORKER_TASKS[name] as (input: never) => Promise<unknown>;
  const lowerLimits = raiseLimits(limits);
  try {
    return await task(input as never);
  } finally {
    lowerLimits();
  }
}
