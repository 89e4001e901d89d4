/** What all tasks say of themselves, as JSON in their folder: who does them, and in which format. Their workers read nothing that others have written. */
import { ImageDslError } from "../../error.ts";
import { FORMAT_VERSION } from "../../lock/lock-file.ts";
import { canonicalJson, isRecord, type Json } from "../../model/json.ts";

/** Where a task finds it. */
export const TASK_FILE = "task.json";

/** What tasks make, for people too. */
export type TaskKind = "layers" | "steps";

/** `code`: who does it. */
export function encodeTask(kind: TaskKind, code: string, task: Readonly<Record<string, Json>>): Uint8Array {
  return Buffer.from(canonicalJson({ ...task, kind, code, format: FORMAT_VERSION }));
}

/** Throws `E_REMOTE_TASK` for what other code has written. */
export function decodeTask(bytes: Uint8Array, code: string): Readonly<Record<string, unknown>> {
  const document = parsed(Buffer.from(bytes).toString());
  if (!isRecord(document)) throw unreadable("it is no object");
  if (document["code"] === code && document["format"] === FORMAT_VERSION) return document;
  throw unreadable("another image-dsl has written it");
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

export function unreadable(why: string): ImageDslError {
  return new ImageDslError("E_REMOTE_TASK", `The task cannot be read: ${why}`);
}
