/** The store's `tmp/`: names for what is being made, folders to work in, and the removal of what killed processes left. */
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "./make-directory.ts";
import type { TemporaryDirectory } from "./store.ts";
import { keepRenewed, listTemporary, PATIENCE_MILLISECONDS, temporaryName } from "./temporary-names.ts";

export const TEMPORARY = "tmp";
/** Work directories that `--keep-failed` kept. */
export const KEPT = "kept";

/** A path for a file that is to be renamed when it is whole. */
export function temporaryFile(store: string): string {
  return join(store, TEMPORARY, temporaryName("file"));
}

export async function makeTemporaryDirectory(store: string, purpose: string): Promise<TemporaryDirectory> {
  const name = temporaryName(purpose);
  const path = join(store, TEMPORARY, name);
  await mkdir(path, { mode: 0o700 });
  const stopRenewal = keepRenewed(path);
  return {
    path,
    async keep() {
      stopRenewal();
      makeDirectory(join(store, KEPT), 0o700);
      await rename(path, join(store, KEPT, name));
      return join(store, KEPT, name);
    },
    async dispose() {
      stopRenewal();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Removes what processes that are gone left in `tmp/`. Gives how many things. */
export function sweepTemporary(store: string): Promise<number> {
  return sweepAbandoned(join(store, TEMPORARY));
}

/** Removes what has a temporary name of processes that are gone, each of several sweepers something else. Gives how many things. */
export async function sweepAbandoned(folder: string): Promise<number> {
  let count = 0;
  for (const { name, isAbandoned } of listTemporary(folder, () => PATIENCE_MILLISECONDS)) {
    if (!isAbandoned) continue;
    const mine = join(folder, temporaryName("swept"));
    try {
      await rename(join(folder, name), mine);
    } catch {
      continue; // Another one sweeps it; and where nothing can be changed, nobody is hindered by it.
    }
    await removeWork(mine);
    count++;
  }
  return count;
}

/** Removes work directories that were kept for more than a day. Gives how many. */
export async function removeKept(store: string): Promise<number> {
  const folder = join(store, KEPT);
  const old = listTemporary(folder, () => PATIENCE_MILLISECONDS, { by: "age" }).filter(
    ({ isAbandoned }) => isAbandoned,
  );
  for (const { name } of old) await removeWork(join(folder, name));
  return old.length;
}

async function removeWork(path: string): Promise<void> {
  // Scripts make directories that nobody may enter; this one knows how to remove them.
  const { removeDirectory } = await import("../process/remove-directory.ts");
  await removeDirectory(path);
}
