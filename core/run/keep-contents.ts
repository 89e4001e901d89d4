/** Moves what a script wrote from its work directory into the store: one blob, each file a slice of it. */
import { createHash } from "node:crypto";
import type { Entry, FileEntry, HostPath } from "../model/entry.ts";
import { encodeText } from "../model/bytes.ts";
import { digestFromHex } from "../model/digest.ts";
import type { ExecutionContext } from "./script-executor.ts";
import { hashContents, streamContents } from "../tree/content-chunks.ts";
import { inTurns } from "../tree/turns.ts";
import { isUnder, type TreePath } from "../model/path.ts";

/** The entries, those whose bytes lie below `directory` with their bytes in the store. Reads them twice: to name them, to write them. */
export async function keepContents(
  entries: readonly Entry[],
  directory: HostPath,
  { store, signal }: Pick<ExecutionContext, "store" | "signal">,
): Promise<readonly Entry[]> {
  const isInside = (entry: Entry): entry is FileEntry =>
    entry.type === "file" &&
    entry.content.kind === "host" &&
    isUnder(entry.content.file as TreePath, directory as TreePath);
  const files = entries.filter(isInside);
  const hash = createHash("sha256");
  await inTurns(hashContents(files, hash), signal);
  const archive = digestFromHex(hash.digest("hex"));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const file =
    total === 0 ? "" : encodeText(await store.putBlob(archive, streamContents(files, signal), "What a script wrote"));
  let offset = 0;
  return entries.map((entry) => {
    if (!isInside(entry)) return entry;
    if (entry.size === 0) return { ...entry, content: { kind: "inline", bytes: new Uint8Array(0) } };
    const start = offset;
    offset += entry.size;
    return { ...entry, content: { kind: "slice", file, archive, offset: start } };
  });
}
