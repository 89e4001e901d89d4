/**
 * The task of running a step, as a document: the text, its variables, its inputs by their content, and what has to be the same there as at
 * home. Nothing of the host that wrote it is in it; so it has one digest wherever the same step is wanted.
 */
import * as v from "valibot";
import { recordOf } from "../../config/record-of.ts";
import { isDigest, type Digest } from "../../model/digest.ts";
import type { Entry } from "../../model/entry.ts";
import type { Json } from "../../model/json.ts";
import { decodeTask, encodeTask, unreadable } from "../../tasks/remote/task-document.ts";
import { decodeTravelling, encodeTravelling } from "../../tasks/remote/travelling-entries.ts";
import type { ToolVersions } from "../system-tools.ts";

/** What the task leaves in its folder: what it made, and the bytes of its files, one after the other. */
export const RESULT_FILE = "out/step.json";
export const CONTENTS_FILE = "out/contents";

export interface StepTask {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of all that it makes: seconds since 1970. */
  readonly mtime: number;
  /** For which it is built; it may be another than that of who runs it. */
  readonly platform: string;
  /** Of who runs it. */
  readonly architecture: string;
  readonly tools: ToolVersions;
  /** What contents are parts of, each once. */
  readonly blobs: readonly Digest[];
  /** By the inputs' names. */
  readonly trees: ReadonlyMap<string, readonly Entry[]>;
}

const texts = recordOf(v.string(), v.string());

const DOCUMENT = v.object({
  script: v.string(),
  env: texts,
  mtime: v.number(),
  platform: v.string(),
  architecture: v.string(),
  tools: texts,
  blobs: v.array(v.custom<Digest>(isDigest)),
  trees: v.array(v.tuple([v.string(), v.custom<Json>(() => true)])),
});

export function encodeStepTask({ trees, ...task }: StepTask, code: string): Uint8Array {
  const encoded = [...trees].map(([name, entries]) => [name, encodeTravelling(entries, task.blobs)]);
  return encodeTask("steps", code, { ...task, trees: encoded });
}

/** `folder`: where the blobs are. Throws `E_REMOTE_TASK`. */
export function decodeStepTask(bytes: Uint8Array, code: string, folder: string): StepTask {
  const parsed = v.safeParse(DOCUMENT, decodeTask(bytes, code));
  if (!parsed.success) throw unreadable("it is not whole");
  const { trees, ...task } = parsed.output;
  return {
    ...task,
    trees: new Map(trees.map(([name, tree]) => [name, decodeTravelling(tree, task.blobs, folder)])),
  };
}
