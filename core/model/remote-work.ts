/**
 * Work that other machines do: plain data and blobs by their content, nothing of this host. Who speaks to them is a plugin
 * (`RemoteDefinition`); who hands work out believes nothing that comes back before it has looked at it.
 */
import type { Digest } from "./digest.ts";
import type { RemoteTools } from "./remote-options.ts";

/** Bytes by their sha256. */
export interface RemoteBlob {
  /** Of all of its bytes. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A file that a task finds in its folder. */
export interface RemoteFile {
  /** Relative, with `/`, without `.`, `..` or empty parts. */
  readonly path: string;
  /** Its bytes, which are there already: see `RemoteWorkers.missing`. */
  readonly blob: RemoteBlob;
  /** It is a program. @default false */
  readonly isExecutable?: boolean;
}

/** A command over files, which gives the same outputs wherever it runs. No secret, path, name or clock of this host is in it. */
export interface RemoteTask {
  /** What it makes, for people: "layers". */
  readonly kind: string;
  /** The program, found by the worker's PATH or relative to the task's folder, and its arguments. */
  readonly command: readonly string[];
  /** What the task's folder holds when it starts, and nothing else. */
  readonly files: readonly RemoteFile[];
  /** What a worker has to be, besides what the user wants of all of them. */
  readonly platform: Readonly<Record<string, string>>;
  /** All variables that the command sees, but for the worker's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files that it makes, as `RemoteFile.path`; a task that ends without one of them has failed. */
  readonly outputs: readonly string[];
  /** How long it may run, once it has begun. */
  readonly timeoutSeconds: number;
}

/** A task that ended with the exit code 0 and has made all of its outputs; anything else is an error. */
export interface RemoteAnswer {
  /** In the order of the task's. */
  readonly outputs: readonly { readonly path: string; readonly blob: RemoteBlob }[];
  /** The workers' own cache had it: nothing was run. */
  readonly isCached: boolean;
  /** As it calls itself. */
  readonly worker?: string;
}

/**
 * Other machines that work. What they cannot do throws an `ImageDslError`: `E_REMOTE` where they cannot be reached or refuse,
 * `E_REMOTE_TASK` where one command fails, takes too long or ends its workers, `E_HASH_MISMATCH` where bytes are not what they were said to be. All of these can be done at
 * home instead. `E_ABORTED` is the user's wish.
 */
export interface RemoteWorkers {
  /** As it is shown to people. */
  readonly place: string;
  /** How many tasks they are to have at a time. */
  readonly jobs: number;
  /** Programs that steps may ask for, each with what a worker has to be that has it; without it, no step goes there. */
  readonly tools?: RemoteTools;
  /** Those of the blobs that are not there, each once. What is there stays until it was not asked for in a long time. */
  missing(blobs: readonly RemoteBlob[]): Promise<readonly RemoteBlob[]>;
  /** Brings a blob there. `open` may be called again where sending breaks off. */
  write(blob: RemoteBlob, open: () => AsyncIterable<Uint8Array>): Promise<void>;
  /** Its bytes; throws `E_HASH_MISMATCH` at the latest behind the last of them where length or digest are others. */
  read(blob: RemoteBlob): AsyncIterable<Uint8Array>;
  /** What their cache has of a task, whose outputs are there: then none of its files need be. */
  lookup(task: RemoteTask, signal: AbortSignal): Promise<RemoteAnswer | undefined>;
  /** Has a task done, again where a worker is lost. A blob that went missing meanwhile is `E_REMOTE_MISSING`: write it, and run again. */
  run(task: RemoteTask, signal: AbortSignal): Promise<RemoteAnswer>;
  /** Ends all that is under way. */
  close(): Promise<void>;
}
