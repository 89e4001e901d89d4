/** Entries in a task's document: their contents are parts of its inputs, which are files of its folder named by what is in them. */
import { join } from "node:path";
import { ImageDslError } from "../../error.ts";
import { digestOfChunks, hexOf, type Digest } from "../../model/digest.ts";
import type { Entry, FileEntry } from "../../model/entry.ts";
import { isRecord, type Json } from "../../model/json.ts";
import { streamRegular } from "../../regular-file.ts";
import { decodeEntries, encodeEntries } from "../../tar/entry-columns.ts";
import { isListOf, unreadable } from "./task-document.ts";

const READ_BYTES = 1024 * 1024;

export function inputPath(digest: Digest): string {
  return `in/${hexOf(digest)}`;
}

/** All contents are slices, of one of the inputs or without bytes. */
export function encodeTravelling(entries: readonly Entry[], inputs: readonly Digest[]): Json {
  const numbers = new Map(inputs.map((digest, index) => [digest, index]));
  return {
    entries: encodeEntries(entries),
    inputs: entries.filter(isFile).map(({ content }) => inputOf(content, numbers)),
  };
}

/** `folder`: where the inputs are. Throws `E_REMOTE_TASK`. */
export function decodeTravelling(value: Json, inputs: readonly Digest[], folder: string): readonly Entry[] {
  if (!isRecord(value)) throw unreadable("entries of it are none");
  const numbers = value["inputs"];
  const entries = decodeEntries(value["entries"] as Json, { file: "", archive: "" as Digest });
  if (entries === undefined || !isListOf(numbers, isNumber)) throw unreadable("entries of it are not whole");
  let file = 0;
  return entries.map((entry) => {
    if (!isFile(entry) || entry.content.kind !== "slice") return entry;
    const archive = inputs[numbers[file++]!];
    if (archive === undefined) {
      if (entry.size > 0) throw unreadable("a content of it is nowhere");
      return entry;
    }
    return { ...entry, content: { ...entry.content, archive, file: join(folder, inputPath(archive)) } };
  });
}

/** Throws `E_REMOTE_TASK` where an input is not what its name says. */
export async function requireWholeInputs(folder: string, inputs: readonly Digest[]): Promise<void> {
  for (const digest of inputs) {
    const found = await digestOfChunks(streamRegular(join(folder, inputPath(digest)), READ_BYTES));
    if (found === digest) continue;
    throw new ImageDslError("E_REMOTE_TASK", `An input of the task is not what its name says: ${digest}`);
  }
}

/** −1 of what has no bytes. */
function inputOf(content: FileEntry["content"], numbers: ReadonlyMap<Digest, number>): number {
  if (content.kind !== "slice") throw new Error("A content that is no part of an input does not travel");
  return numbers.get(content.archive) ?? -1;
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.type === "file";
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value);
}
