/** Moves what a script wrote from its work directory into the store: one blob, each file a slice of it. */
import { createHash, type Hash } from "node:crypto";
import type { Entry, FileEntry, HostPath } from "../model/entry.ts";
import { encodeText } from "../model/bytes.ts";
import { digestFromHex } from "../model/digest.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import { openContent } from "../tree/content.ts";
import { inTurns, type Pausing } from "../tree/turns.ts";
import { isUnder, type TreePath } from "../model/path.ts";

const CHUNK = 1024 * 1024;

/** The entries, those whose bytes lie below `directory` with their bytes in the store. Reads them twice: to name them, to write them. */
export async function keepContents(
  entries: readonly Entry[],
  directory: HostPath,
  { store, signal }: Pick<RunContext, "store" | "signal">,
): Promise<readonly Entry[]> {
  const isInside = (entry: Entry): entry is FileEntry =>
    entry.type === "file" &&
    entry.content.kind === "host" &&
    isUnder(entry.content.file as TreePath, directory as TreePath);
  const files = entries.filter(isInside);
  const hash = createHash("sha256");
  await inTurns(hashAll(files, hash), signal);
  const archive = digestFromHex(hash.digest("hex"));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const file =
    total === 0 ? "" : encodeText(await store.putBlob(archive, asyncChunks(files, signal), "What a script wrote"));
  let offset = 0;
  return entries.map((entry) => {
    if (!isInside(entry)) return entry;
    if (entry.size === 0) return { ...entry, content: { kind: "inline", bytes: new Uint8Array(0) } };
    const start = offset;
    offset += entry.size;
    return { ...entry, content: { kind: "slice", file, archive, offset: start } };
  });
}

function* hashAll(files: readonly FileEntry[], hash: Hash): Pausing<void> {
  for (const chunk of chunksOf(files)) {
    hash.update(chunk);
    yield;
  }
}

/** Writing each chunk gives others their turn. */
async function* asyncChunks(files: readonly FileEntry[], signal: AbortSignal): AsyncIterable<Uint8Array> {
  for (const chunk of chunksOf(files)) {
    signal.throwIfAborted();
    yield chunk;
  }
}

/** A chunk is valid until the next one is asked for. */
function* chunksOf(files: readonly FileEntry[]): Iterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (const entry of files) {
    const reader = openContent(entry);
    try {
      for (let left = entry.size; left > 0;) {
        const count = reader.read(buffer, 0, Math.min(left, CHUNK));
        left -= count;
        yield buffer.subarray(0, count);
      }
      reader.finish();
    } finally {
      reader.close();
    }
  }
}
