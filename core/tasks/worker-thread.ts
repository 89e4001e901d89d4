/** One worker thread as the main thread sees it: questions go in, answers come back in the same order. */
import { Worker } from "node:worker_threads";
import { messageOf } from "../error.ts";
import { errorOf, workerDied } from "./worker-failure.ts";
import type { WorkerMessage, WorkerRequest, WorkerStart } from "./worker.ts";

export interface WorkerThread {
  /** Rejects with the task's own error, or with an `E_INTERNAL` that names the task where the thread dies. */
  ask(request: WorkerRequest): Promise<unknown>;
  /** Questions that are not answered yet. */
  pending(): number;
  /** Whoever waits gets this error, now and from now on. */
  fail(error: unknown): void;
  isBroken(): boolean;
  close(): Promise<void>;
}

interface Question {
  readonly task: string;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

export function workerThread(entry: URL, start: WorkerStart = {}): WorkerThread {
  const worker = new Worker(entry, {
    workerData: start,
    // Threads that make layers have nothing large of their own, only many short-lived messages: these are cleared away early.
    ...(start.slots && { resourceLimits: { maxYoungGenerationSizeMb: 2 } }),
  });
  // A thread that nobody waits for must not keep the process alive.
  worker.unref();
  const asked: Question[] = [];
  /** What is asked before the thread listens: Deno loses messages that come while it still loads. */
  let held: WorkerRequest[] | undefined = [];
  let broken: { errorFor(task: string): unknown } | undefined;

  // Once only, as is its unref: what closes a broken thread holds the process until the thread is gone.
  function breakOff(errorFor: (task: string) => unknown): void {
    if (broken) return;
    broken = { errorFor };
    for (const { task, reject } of asked.splice(0)) reject(broken.errorFor(task));
    worker.unref();
  }

  worker.on("message", (message: WorkerMessage) => {
    // Questions of a broken thread have had their answer.
    if (broken) return;
    if (message === "ready") {
      for (const request of held ?? []) worker.postMessage(request);
      held = undefined;
      return;
    }
    const question = asked.shift();
    if (asked.length === 0) worker.unref();
    if (message.ok) question?.resolve(message.output);
    else question?.reject(errorOf(message.failure));
  });
  worker.on("error", (error) => breakOff((task) => workerDied(task, messageOf(error))));
  worker.on("exit", (code) => breakOff((task) => workerDied(task, `exit code ${code}`)));

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken.errorFor(request.task));
        if (asked.length === 0) worker.ref();
        asked.push({ task: request.task, resolve, reject });
        if (held) held.push(request);
        else worker.postMessage(request);
      }),
    pending: () => asked.length,
    fail: (error) => breakOff(() => error),
    isBroken: () => broken !== undefined,
    async close() {
      breakOff((task) => workerDied(task, "it was closed"));
      await worker.terminate();
    },
  };
}
