/** The named tasks that may run in a worker thread: plain data in, plain data out. */
import { encodePiece } from "../compress/encode-piece.ts";
import { unpack } from "../compress/unpack.ts";

export { prepareEncoder } from "../compress/encode-piece.ts";

export const WORKER_TASKS = { encodePiece, unpack } as const;

export type WorkerTaskName = keyof typeof WORKER_TASKS;
