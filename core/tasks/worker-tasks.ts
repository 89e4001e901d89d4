/** The named tasks that may run in a worker thread: plain data in, plain data out. */
import { encodePiece } from "../compress/encode-piece.ts";
import { unpack } from "../compress/unpack.ts";

export { prepareEncoder } from "../compress/encode-piece.ts";

export const WORKER_TASKS = { encodePiece, runModule, unpack } as const;

export type WorkerTaskName = keyof typeof WORKER_TASKS;

/** Input of the task `runModule`: what a module of a plugin's own is called with in a worker thread. */
export interface RunModuleInput<Input = unknown> {
  /** Of the module (`entryUrl`). */
  readonly url: string;
  /** Of the function that it exports. */
  readonly name: string;
  /** What it is called with. */
  readonly input: Input;
}

/** For a plugin's own work that is heavy, or that nobody could interrupt. */
async function runModule({ url, name, input }: RunModuleInput): Promise<unknown> {
  const module = (await import(url)) as Readonly<Record<string, (input: unknown) => unknown>>;
  return module[name]!(input);
}
