/** Where scripts run that other machines may run too, and what comes of them wherever that is. */
import type { Digest } from "../model/digest.ts";
import type { BuildEvent } from "../model/event.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { Json } from "../model/json.ts";
import type { Platform } from "../model/platform.ts";
import type { Store } from "../store/store.ts";
import type { TreeChanges } from "../tree/diff.ts";
import type { KnownTree } from "../tree/known-tree.ts";

/** Who runs scripts of a build, here or elsewhere. */
export interface ScriptPlaces {
  /** Has it run there, or `here`. Throws as `here` does. `travelling`: why it runs here, where that is a text. */
  run(
    script: RunSpec,
    travelling: TravellingScript | string,
    here: () => Promise<ExecutedScript>,
    about: ScriptSurroundings,
  ): Promise<ExecutedScript>;
}

/** A text that sees nothing of the machine but its system's programs, over an empty tree. */
export interface TravellingScript {
  /** What is to be the same there, by name as it answers to `--version`: with these, it gives the same wherever it runs. */
  readonly tools: Readonly<Record<string, string>>;
  /** By the names that it has them by. */
  readonly inputs: ReadonlyMap<string, KnownTree>;
}

/** Of a build, what a script's run takes and its result depends on. */
export interface ScriptSurroundings {
  readonly target: string;
  readonly platform: Platform;
  readonly spec: { readonly mtime: number };
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly emit: (event: BuildEvent) => void;
}

/** What a script did. */
export interface ExecutedScript {
  /** Against the tree that it was given. */
  readonly changes: TreeChanges;
  /** Undefined where the result must not be used again. */
  readonly used: readonly UsedSource[] | undefined;
  /** On another machine, whose system nobody here knows. */
  readonly isForeign?: true;
}

/** A source whose tree a script asked for, and the digest that the tree had. */
export interface UsedSource {
  readonly kind: string;
  readonly options: Json;
  readonly tree: Digest;
}
