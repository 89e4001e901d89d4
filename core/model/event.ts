/** What a build says while it runs. The reporter renders these; `--json` prints them as they are. */
import type { Digest } from "./digest.ts";
import type { LayerPlan } from "./plan.ts";

/** What a build tells while it runs; `--json` prints each as a line. */
export type BuildEvent =
  | { readonly type: "build-started"; readonly targets: readonly string[] }
  | { readonly type: "stage"; readonly target: string; readonly stage: Stage; readonly state: "started" | "done" }
  /** Long work within a stage. `done` and `total` are in `unit`; `total` is 0 while unknown. */
  | {
      readonly type: "progress";
      readonly task: string;
      readonly done: number;
      readonly total: number;
      readonly unit: "bytes" | "items";
    }
  | { readonly type: "warning"; readonly code: string; readonly message: string; readonly hint?: string }
  | { readonly type: "note"; readonly message: string; readonly detail?: readonly string[] }
  /** One of several targets could not be made, and the others are: the whole of it comes at the end, as the error. */
  | { readonly type: "failed"; readonly target: string; readonly message: string }
  /** What the lock had pinned, and what it is pinned to now. */
  | {
      readonly type: "moved";
      readonly target: string;
      /** What kind of pins they are: `packages of bookworm (amd64)`. */
      readonly what: string;
      readonly pins: readonly MovedPin[];
    }
  | { readonly type: "planned"; readonly target: string; readonly plan: LayerPlan }
  /** A script or a step begins to run, or is over: not where its result is known. */
  | { readonly type: "script"; readonly target: string; readonly script: string; readonly state: "started" | "done" }
  | { readonly type: "script-output"; readonly target: string; readonly script: string; readonly line: string }
  | {
      readonly type: "layer";
      readonly target: string;
      readonly index: number;
      /** Bytes of its tar. */
      readonly size: number;
      readonly comment: string;
      /** Its digest is known from an earlier build. */
      readonly isKnown: boolean;
      /** Where it is not, and an explanation was asked for: what changed since the target was last built. */
      readonly changes?: readonly string[];
    }
  | {
      readonly type: "output";
      readonly target: string;
      readonly destination: string;
      /** What was made and how to use it, for the last line. */
      readonly message: string;
      /** What to type to run it. */
      readonly run?: string;
      /** Of the image's config, which is its id; of an index, its own. */
      readonly digest: Digest;
      /** Of its manifest, or of the index of an image for several platforms, where one was written. */
      readonly manifest?: Digest;
      readonly reference: string;
      /** Further names that it has there now. */
      readonly aliases?: readonly string[];
    }
  | { readonly type: "build-done"; readonly milliseconds: number };

/** In words; `from` is undefined of what is new, `to` of what is gone. */
export interface MovedPin {
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
}

export type Stage = "collect" | "merge" | "plan" | "command" | "runAsRoot" | "layer" | "image" | "output";
