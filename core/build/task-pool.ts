/** The scheduler: bounds how much runs at a time, and keeps worker threads for what is heavy on the processor. */
import { Worker } from "node:worker_threads";
import { ImageDslError, messageOf } from "../error.ts";
import { runtime } from "../host.ts";
import { MAX_TAR_THREADS, tarThreads } from "./tar-threads.ts";
import type { Tasks, Token } from "./tasks.ts";
import { errorOf, workerDied } from "./worker-failure.ts";
import type { WorkerAnswer, WorkerRequest } from "./worker.ts";
import type { WorkerTaskName } from "./worker-tasks.ts";

/** More connections than this gain nothing on a mirror and annoy its owner. */
const CONNECTIONS = 8;

export interface TaskPoolOptions {
  /** Tasks on the processor at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** The built worker, `dist/worker.js`. */
  readonly worker: URL;
}

export function taskPool({ jobs, signal, worker }: TaskPoolOptions): Tasks {
  const limits: Record<Token, number> = { cpu: jobs, io: Math.max(4, jobs), net: CONNECTIONS, vm: 1 };
  const running = { cpu: semaphore(jobs), io: semaphore(limits.io), net: semaphore(limits.net), vm: semaphore(1) };
  const threads = workerThreads(worker, jobs);
  // With two processors a thread's start costs what it gains, since the main thread hashes and writes. Deno's threads
  // were once seen to stop without a word, so there the main thread does it all.
  const tar =
    jobs > 2 && runtime() !== "deno" ? tarThreads(Math.min(jobs - 1, MAX_TAR_THREADS), signal, worker) : undefined;
  return {
    jobs,
    tar,

    async map(token, items, work) {
      let failed = false;
      return Promise.all(
        items.map((item, index) =>
          running[token](async () => {
            if (failed) throw new ImageDslError("E_ABORTED", "Cancelled after another task failed");
            signal.throwIfAborted();
            try {
              return await work(item, index);
            } catch (error) {
              failed = true;
              throw error;
            }
          }),
        ),
      );
    },

    async inWorker<Input, Output>(name: string, input: Input): Promise<Output> {
      signal.throwIfAborted();
      // The names are checked where the tasks are listed; an unknown one is a programmer's error there.
      return (await threads.run({ name: name as WorkerTaskName, input })) as Output;
    },

    async close() {
      await Promise.all([threads.close(), tar?.close()]);
    },
  };
}

/** Runs what it is given, at most `count` at a time, first come first served. */
function semaphore(count: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

interface WorkerThreads {
  run(request: WorkerRequest): Promise<unknown>;
  close(): Promise<void>;
}

/** Threads are started when first needed and kept until closed. */
function workerThreads(entry: URL, count: number): WorkerThreads {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const slot = semaphore(count);

  function start(): Worker {
    const thread = new Worker(entry);
    // Idle threads must not keep the process alive.
    thread.unref();
    all.add(thread);
    return thread;
  }

  return {
    run: (request) =>
      slot(async () => {
        const thread = idle.pop() ?? start();
        thread.ref();
        const answer = await ask(thread, request).catch((error: unknown) => {
          all.delete(thread);
          throw error;
        });
        thread.unref();
        idle.push(thread);
        if (answer.ok) return answer.output;
        throw errorOf(answer.failure);
      }),
    async close() {
      await Promise.all([...all].map((thread) => thread.terminate()));
      all.clear();
      idle.length = 0;
    },
  };
}

function ask(thread: Worker, request: WorkerRequest): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const died = (how: string) => {
      finish();
      reject(workerDied(request.name, how));
    };
    const onMessage = (answer: WorkerAnswer) => {
      finish();
      resolve(answer);
    };
    const onError = (error: unknown) => died(messageOf(error));
    const onExit = (code: number) => died(`exit code ${code}`);
    function finish(): void {
      thread.off("message", onMessage).off("error", onError).off("exit", onExit);
    }
    thread.on("message", onMessage).on("error", onError).on("exit", onExit);
    thread.postMessage(request);
  });
}
