/** A worker thread's main: runs named tasks, one at a time, and answers with a result or an error's parts. */
import { parentPort } from "node:worker_threads";
import { ImageDslError, messageOf, type ErrorCode } from "../error.ts";
import { WORKER_TASKS, type WorkerTaskName } from "./worker-tasks.ts";

export interface WorkerRequest {
  readonly name: WorkerTaskName;
  readonly input: unknown;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined };

parentPort?.on("message", (request: WorkerRequest) => {
  void answer(request).then((result) => parentPort?.postMessage(result));
});

async function answer({ name, input }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    // Each task checks what it needs of its input; the pool's types tie names to inputs.
    const task = WORKER_TASKS[name] as (input: never) => Promise<unknown>;
    return { ok: true, output: await task(input as never) };
  } catch (error) {
    if (error instanceof ImageDslError)
      return { ok: false, code: error.code, message: error.message, hint: error.hint };
    return { ok: false, code: "E_INTERNAL", message: messageOf(error), hint: undefined };
  }
}
