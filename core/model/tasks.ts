/** One scheduler: how much of what runs at a time. Results come back in the order of the items. */

/** What a task occupies. `cpu`: --jobs; `net`: connections; `io`: open files; `vm`: virtual machines. */
export type Token = "cpu" | "net" | "io" | "vm";

/** All of a build shares one, so that sources beside each other do not add up to too much work at once. */
export interface Tasks {
  /** Runs `work` over all items, at most as many at a time as the token allows. The first error cancels the rest. */
  map<Item, Result>(
    token: Token,
    items: readonly Item[],
    work: (item: Item, index: number) => Promise<Result>,
  ): Promise<Result[]>;
  /**
   * Runs a named task in a worker thread: its input and its output are plain data. Known names are listed in
   * `core/tasks/worker.ts`. A worker that dies is an error with the task's name.
   */
  inWorker<Input, Output>(name: string, input: Input): Promise<Output>;
  /**
   * No item of `map` begins until what this gives is called, or a moment has passed: for who starts a program, beside
   * which the others then run.
   */
  hold(): () => void;
  /** --jobs. */
  readonly jobs: number;
}
