/** What every stage is given: the only way to cancel, tell, keep, pin or run in parallel. */
import type { BuildEvent } from "../model/event.ts";
import type { Json } from "../model/json.ts";
import type { Store } from "../store/store.ts";
import type { ScriptSettings } from "./script-settings.ts";
import type { Tasks } from "./tasks.ts";

export interface BuildContext {
  readonly signal: AbortSignal;
  readonly emit: (event: BuildEvent) => void;
  readonly store: Store;
  readonly lock: Lock;
  readonly tasks: Tasks;
  readonly scripts: ScriptSettings;
  /** The folder that relative paths of the config start from. */
  readonly directory: string;
  /** The config and its arguments; unset for a graph made by a program. */
  readonly config?: { readonly file: string; readonly args: Readonly<Record<string, string>> };
}

/** What moves, pinned: `image.lock.json`. An entry is found by its request's digest, so a changed request is a new entry. */
export interface Lock {
  /**
   * The pinned answer to a request, if it is to be obeyed; undefined when it has to be made: nothing is pinned, or
   * `--update-lock` says so. Throws `E_LOCK_FROZEN` where it would have to be made but the lock is frozen.
   */
  read(kind: string, name: string, request: Json): Json | undefined;
  /** What is pinned for a request, obeyed or not; nothing is thrown where there is nothing. */
  peek(kind: string, request: Json): Json | undefined;
  /** Answers to all requests of the same kind, the older ones too: preferred, not binding. */
  previous(kind: string): readonly { readonly request: Json; readonly answer: Json }[];
  /** Whether `--update-lock` asks for this name (a target, or a package inside an answer) to be sought anew. */
  renews(name: string): boolean;
  write(kind: string, name: string, request: Json, answer: Json): void;
}
