/**
 * One at a time, among all processes that use a folder: for the moment in which a file is read, changed and replaced.
 * The lock is a folder that holds one file, named by its holder. A folder is renamed over another one only while that is
 * empty, so taking it is one step; and whoever removes a dead holder's file cannot meet another's, which has another name.
 */
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemCodeOf } from "../error.ts";
import { listTemporary, temporaryName } from "./temporary-names.ts";

const POLL_MILLISECONDS = 20;
/** Of a holder that cannot be seen from here, as in another container: what is done meanwhile takes no second. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Waits until the folder `lock` is nobody's, and has it while `work` goes on. One whose process has ended is taken. What is
 * killed while it waits leaves a temporary name beside it. Throws what `work` throws, the signal's reason, and the system's
 * error where nothing can be made.
 */
export async function exclusively<Result>(
  lock: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const holder = temporaryName("holder");
  const own = join(dirname(lock), holder);
  // Other users may see whose it is: who cannot remove a dead one's is told so, and does not wait for ever.
  await mkdir(own);
  try {
    await writeFile(join(own, holder), "");
    while (!(await take(own, lock))) {
      await dropAbandoned(lock);
      await delay(POLL_MILLISECONDS, undefined, { signal });
    }
    return await work();
  } finally {
    // Here where it was not had, there where it was.
    await rm(own, { recursive: true, force: true });
    await rm(join(lock, holder), { force: true });
    await removeEmpty(lock);
  }
}

async function take(own: string, lock: string): Promise<boolean> {
  try {
    await rename(own, lock);
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

/** Then it is empty, and whoever renames first has it. */
async function dropAbandoned(lock: string): Promise<void> {
  for (const { name, isAbandoned } of listTemporary(lock, () => PATIENCE_MILLISECONDS)) {
    if (isAbandoned) await rm(join(lock, name), { force: true });
  }
}

/** Another one may have taken it meanwhile, or removed it. */
async function removeEmpty(lock: string): Promise<void> {
  try {
    await rmdir(lock);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== "ENOENT" && code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
