/**
 * What a build says while it runs. The reporter renders these; `--json` prints each as a line. docs/events.md is made of
 * these declarations (scripts/reference-pages.ts).
 */
import type { ErrorCode } from "../error-codes.ts";
import type { ErrorPlace } from "../error.ts";
import type { WarningCode } from "../warning-codes.ts";
import type { Digest } from "./digest.ts";
import type { LayerPlan } from "./plan.ts";

/** What a build tells while it runs; `--json` prints each as a line. */
export type BuildEvent =
  | BuildStartedEvent
  | StageEvent
  | ProgressEvent
  | WarningEvent
  | NoteEvent
  | MovedEvent
  | PlannedEvent
  | ScriptEvent
  | ScriptOutputEvent
  | LayerEvent
  | OutputEvent
  | FailedEvent
  | BuildDoneEvent
  | ChangedEvent
  | WaitingEvent
  | CommandEvent;

/** The first event: the config is checked, and work begins. */
export interface BuildStartedEvent {
  /** Tells the events apart. */
  readonly type: "build-started";
  /** All that are built, in the order of the config. */
  readonly targets: readonly string[];
}

/** A stage of a target begins, or is over. */
export interface StageEvent {
  /** Tells the events apart. */
  readonly type: "stage";
  /** Its name in the config. */
  readonly target: string;
  /** Which one. */
  readonly stage: Stage;
  /** Whether it begins or is over. */
  readonly state: "started" | "done";
}

/** In the order in which they come; the first three may come again for what scripts bring */
export type Stage = "collect" | "merge" | "plan" | "command" | "layer" | "image";

/** How far long work within a stage is: a few a second at most, and always the last. */
export interface ProgressEvent {
  /** Tells the events apart. */
  readonly type: "progress";
  /** In words, the same in all events of one piece of work. */
  readonly task: string;
  /** So far. */
  readonly done: number;
  /** In all; 0 while unknown. */
  readonly total: number;
  /** Of `done` and `total`. */
  readonly unit: "bytes" | "items";
}

/** Something is likely not as it is wanted. What is wanted is made nevertheless. */
export interface WarningEvent {
  /** Tells the events apart. */
  readonly type: "warning";
  /** Stable. An error's where another way was found, as another mirror. */
  readonly code: WarningCode | ErrorCode;
  /** In words. */
  readonly message: string;
  /** The mend. */
  readonly hint?: string;
}

/** Something worth knowing. */
export interface NoteEvent {
  /** Tells the events apart. */
  readonly type: "note";
  /** In words. */
  readonly message: string;
  /** All of it: texts for people show the first lines only. */
  readonly detail?: readonly string[];
  /** Whether texts for people show it with `--verbose` only. */
  readonly verbose?: true;
}

/** What the lock had pinned is pinned anew. */
export interface MovedEvent {
  /** Tells the events apart. */
  readonly type: "moved";
  /** Its name in the config. */
  readonly target: string;
  /** What kind of pins they are: `packages of bookworm (amd64)`. */
  readonly what: string;
  /** By name. */
  readonly pins: readonly MovedPin[];
}

/** In words; `from` is missing of what is new, `to` of what is gone. */
export interface MovedPin {
  /** What is pinned: a package, say. */
  readonly name: string;
  /** What it was pinned to. */
  readonly from?: string;
  /** What it is pinned to now. */
  readonly to?: string;
}

/** Which nodes of the closure share a layer, and why. */
export interface PlannedEvent {
  /** Tells the events apart. */
  readonly type: "planned";
  /** Its name in the config. */
  readonly target: string;
  /** From the bottom up. */
  readonly plan: LayerPlan;
}

/** A script or a step begins to run, or is over: not where its result is known. */
export interface ScriptEvent {
  /** Tells the events apart. */
  readonly type: "script";
  /** Its name in the config. */
  readonly target: string;
  /** Its name. */
  readonly script: string;
  /** Whether it begins or is over. */
  readonly state: "started" | "done";
}

/** A line that a script or a step wrote, on whichever stream. */
export interface ScriptOutputEvent {
  /** Tells the events apart. */
  readonly type: "script-output";
  /** Its name in the config. */
  readonly target: string;
  /** Its name. */
  readonly script: string;
  /** Without its end. */
  readonly line: string;
}

/** A layer is there, from the bottom up. */
export interface LayerEvent {
  /** Tells the events apart. */
  readonly type: "layer";
  /** Its name in the config. */
  readonly target: string;
  /** Counted from 0 at the bottom. */
  readonly index: number;
  /** Bytes of its tar. */
  readonly size: number;
  /** What is in it, in words. */
  readonly comment: string;
  /** Its digest is known from an earlier build. */
  readonly isKnown: boolean;
  /** Where it is not, and an explanation was asked for: what changed since the target was last built. */
  readonly changes?: readonly string[];
}

/** An output of a target is written: one event for each. */
export interface OutputEvent {
  /** Tells the events apart. */
  readonly type: "output";
  /** Its name in the config. */
  readonly target: string;
  /** As `--output` has it, with placeholders replaced. */
  readonly destination: string;
  /** What was made and how to use it, in words. */
  readonly message: string;
  /** What to type to run it. */
  readonly run?: string;
  /** Of the image's config, which is its id; of an index, its own. */
  readonly digest: Digest;
  /** Of its manifest, or of the index of an image for several platforms, where one was written. */
  readonly manifest?: Digest;
  /** The image's name there. */
  readonly reference: string;
  /** Further names that it has there now. */
  readonly aliases?: readonly string[];
}

/** With `--keep-going`, a target could not be made. The whole of it comes at the end, in the event `error`. */
export interface FailedEvent {
  /** Tells the events apart. */
  readonly type: "failed";
  /** Its name in the config. */
  readonly target: string;
  /** In words. */
  readonly message: string;
}

/** The last event of a build that failed in nothing. */
export interface BuildDoneEvent {
  /** Tells the events apart. */
  readonly type: "build-done";
  /** How long it took. */
  readonly milliseconds: number;
}

/** With `--watch`, a build begins because something was saved. */
export interface ChangedEvent {
  /** Tells the events apart. */
  readonly type: "changed";
  /** What it was: absolute paths. */
  readonly paths: readonly string[];
}

/** With `--watch`, a build is over, and nothing is to be done until something changes. */
export interface WaitingEvent {
  /** Tells the events apart. */
  readonly type: "waiting";
  /** How many files and folders are looked after. */
  readonly paths: number;
}

/** With `--exec`, the command was started, or has ended by itself. */
export interface CommandEvent {
  /** Tells the events apart. */
  readonly type: "command";
  /** As it was given. */
  readonly command: string;
  /** Which of the two. */
  readonly state: "started" | "ended";
  /** What it ended with. */
  readonly status?: number;
  /** The name of the signal that ended it. */
  readonly signal?: string;
}

/** The last line where a command failed. */
export interface ErrorEvent {
  /** Tells the events apart. */
  readonly type: "error";
  /** Stable: [errors.md](errors.md) lists them. */
  readonly code: ErrorCode;
  /** In words. */
  readonly message: string;
  /** The mend. */
  readonly hint?: string;
  /** Where in the config, or in another file. */
  readonly place?: ErrorPlace;
  /** Messages of what led to it, the nearest first. */
  readonly causes: readonly string[];
  /** With `--keep-going` and several targets: each that failed, with its error. */
  readonly failures?: readonly TargetFailureEvent[];
}

/** The error of one target. */
export interface TargetFailureEvent extends ErrorEvent {
  /** Its name in the config. */
  readonly target: string;
}
