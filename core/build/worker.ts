/**
 * A worker thread's main. A thread that is given slots makes pieces of layers; any other runs named tasks, one at a
 * time, and answers with a result or an error's parts.
 */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { ChunkSlots } from "./chunk-slots.ts";
import { failureOf, type WorkerFailure } from "./worker-failure.ts";
import { serveTar } from "./worker-tar.ts";
import type { WorkerTaskName } from "./worker-tasks.ts";

export interface WorkerRequest {
  readonly name: WorkerTaskName;
  readonly input: unknown;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly failure: WorkerFailure };

/** What a thread is started with. */
export interface WorkerStart {
  readonly slots?: ChunkSlots;
}

if (parentPort) serve(parentPort, (workerData ?? {}) as WorkerStart);

function serve(port: MessagePort, { slots }: WorkerStart): void {
  if (slots !== undefined) serveTar(port, slots);
  else {
    port.on("message", (request: WorkerRequest) => {
      void answer(request).then((result) => port.postMessage(result));
    });
  }
}

async function answer({ name, input }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    // Not for threads that make layers: these have to start fast.
    const { WORKER_TASKS } = await import("./worker-tasks.ts");
    // Each task checks what it needs of its input; the pool's types tie names to inputs.
    const task = WORKER_TASKS[name] as (input: never) => Promise<unknown>;
    return { ok: true, output: await task(input as never) };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}
