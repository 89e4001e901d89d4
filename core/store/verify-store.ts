/** Reading all of the store: what is not what was written is removed, and made or fetched again when it is needed. */
import { rm } from "node:fs/promises";
import { relative } from "node:path";
import { findDerivedDirectory, removeDerivedDirectory } from "./derived-directory.ts";
import { listStore, type StoredItem } from "./inventory.ts";
import { requireOwnFolders } from "./own.ts";
import { readRecordFile } from "./record-file.ts";
import { checkSealed, removeSealed } from "./seal.ts";
import { temporaryFile } from "./temporary-files.ts";

export interface VerifiedStore {
  readonly files: number;
  readonly bytes: number;
  /** Paths in the store, in byte order. */
  readonly corrupt: readonly string[];
}

/** `onProgress` gets the bytes read and all that there are. What was never finished is neither whole nor corrupt. */
export async function verifyStore(
  directory: string,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<VerifiedStore> {
  const items = listStore(directory);
  const total = items.reduce((sum, { size }) => sum + size, 0);
  const corrupt: string[] = [];
  let done = 0;
  for (const item of items) {
    const start = done;
    const isWhole = await isItemWhole(item, directory, (bytes) => {
      signal.throwIfAborted();
      onProgress((done += bytes), total);
    });
    if (!isWhole) corrupt.push(relative(directory, item.file));
    done = start + item.size;
    signal.throwIfAborted();
    onProgress(done, total);
  }
  return { files: items.length, bytes: total, corrupt };
}

async function isItemWhole(
  { type, file, digest }: StoredItem,
  directory: string,
  onRead: (bytes: number) => void,
): Promise<boolean> {
  requireOwnFolders(file);
  if (type === "record") {
    if (readRecordFile(file) !== undefined) return true;
    await rm(file, { force: true });
    return false;
  }
  if (type === "directory") {
    if (await findDerivedDirectory(file)?.isWhole()) return true;
    await removeDerivedDirectory(file, directory);
    return false;
  }
  const temporary = () => temporaryFile(directory);
  const { state } = await checkSealed(file, { expected: digest, temporary, always: true, onRead });
  const isWhole = state !== "corrupt" && state !== "foreign";
  if (!isWhole) await removeSealed(file);
  return isWhole;
}
