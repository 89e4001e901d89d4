/** The scheduler: bounds how much runs at a time, and keeps worker threads for what is heavy on the processor. */
import type { Codec } from "../compress/codec.ts";
import { ImageDslError } from "../error.ts";
import { raisedLimits } from "../limits/limits.ts";
import { semaphore } from "../model/semaphore.ts";
import type { Tasks, Token } from "../model/tasks.ts";
import { MAX_TAR_THREADS, tarThreads, type TarThreads } from "./tar-threads.ts";
import { workerThread, type WorkerThread } from "./worker-thread.ts";
import type { WorkerRequest, WorkerStart } from "./worker.ts";
import type { WorkerTaskName } from "./worker-tasks.ts";

/** More connections than this gain nothing on a mirror and annoy its owner. */
const CONNECTIONS = 8;

/** Milliseconds that others wait at most: what holds them may wait for one of them. */
const HOLD = 250;

export interface TaskPoolOptions {
  /** Tasks on the processor at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** The built worker, `dist/worker.js`. */
  readonly worker: URL;
}

export interface TaskPool extends Tasks {
  /** Threads that make layers; none with one job. */
  readonly tar: TarThreads | undefined;
  /** Starts a thread that will be asked to compress, which takes it a moment. */
  startEncoder(codec: Codec["name"]): void;
  close(): Promise<void>;
}

export function taskPool({ jobs, signal, worker }: TaskPoolOptions): TaskPool {
  const limits: Record<Token, number> = { cpu: jobs, io: Math.max(4, jobs), net: CONNECTIONS, vm: 1 };
  const running = { cpu: semaphore(jobs), io: semaphore(limits.io), net: semaphore(limits.net), vm: semaphore(1) };
  const threads = workerThreads(worker, jobs);
  // What a thread has begun goes on to its end otherwise.
  const abort = (): void => void threads.close();
  signal.addEventListener("abort", abort);
  const tar = jobs > 1 ? tarThreads(Math.min(jobs, MAX_TAR_THREADS), signal, worker) : undefined;
  let held: Promise<unknown> = Promise.resolve();
  return {
    jobs,
    tar,
    startEncoder: (codec) => threads.prepare({ codec }),

    async map(token, items, work) {
      let failed = false;
      return Promise.all(
        items.map((item, index) =>
          running[token](async () => {
            await held;
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

    hold() {
      let release = (): void => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      const timer = setTimeout(release, HOLD);
      held = Promise.all([held, released]);
      return () => {
        clearTimeout(timer);
        release();
      };
    },

    async inWorker<Input, Output>(name: string, input: Input): Promise<Output> {
      signal.throwIfAborted();
      // The names are checked where the tasks are listed; an unknown one is a programmer's error there.
      const answer = threads.run({ task: name as WorkerTaskName, input, limits: raisedLimits() });
      return (await answer.catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      })) as Output;
    },

    async close() {
      signal.removeEventListener("abort", abort);
      await Promise.all([threads.close(), tar?.close()]);
    },
  };
}

interface WorkerThreads {
  /** Starts a thread before it is needed, if there is none. */
  prepare(start: WorkerStart): void;
  run(request: WorkerRequest): Promise<unknown>;
  close(): Promise<void>;
}

/** Threads are started when first needed and kept until closed. */
function workerThreads(entry: URL, count: number): WorkerThreads {
  const idle: WorkerThread[] = [];
  const all = new Set<WorkerThread>();
  const slot = semaphore(count);
  let closed = false;

  function begin(start: WorkerStart = {}): WorkerThread {
    const thread = workerThread(entry, start);
    all.add(thread);
    return thread;
  }

  return {
    prepare(start) {
      if (all.size === 0 && !closed) idle.push(begin(start));
    },
    run: (request) =>
      slot(async () => {
        // What waited for a thread that was closed must not start another one.
        if (closed) throw new ImageDslError("E_ABORTED", `The task "${request.task}" was cancelled`);
        const thread = idle.pop() ?? begin();
        try {
          return await thread.ask(request);
        } finally {
          if (!thread.isBroken()) idle.push(thread);
        }
      }),
    async close() {
      closed = true;
      await Promise.all([...all].map((thread) => thread.close()));
      all.clear();
      idle.length = 0;
    },
  };
}
