/** One at a time, among all processes that use a folder: for the moment in which a file is read, changed and replaced. */
import { link, lstat, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { systemCodeOf } from "../error.ts";
import { now, uniqueSuffix } from "../host.ts";
import { ownOwner, ownerState } from "./owner.ts";

const POLL_MILLISECONDS = 20;
/** Of a holder that cannot be seen from here, as in another container: what is done meanwhile takes no second. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Waits until the lock `file` is nobody's, and has it while `work` goes on. A lock whose process has ended is taken.
 * Throws what `work` throws, the signal's reason, and the system's error where no file can be made.
 */
export async function exclusively<Result>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  while (!(await take(file))) {
    await dropAbandoned(file);
    await delay(POLL_MILLISECONDS, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, ownOwner(), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Under another name first: of two that find it abandoned, the second must not remove what the first one took. */
async function dropAbandoned(file: string): Promise<void> {
  const owner = await abandonedBy(file);
  if (owner === undefined) return;
  const aside = `${file}.${uniqueSuffix()}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, "utf8")) !== owner) await link(aside, file);
  } catch {
    // Another one was quicker.
  } finally {
    await rm(aside, { force: true });
  }
}

async function abandonedBy(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs } = await lstat(file);
    const owner = await readFile(file, "utf8");
    // Without one it is being written, or was when its process ended.
    const state = owner === "" ? "elsewhere" : ownerState(owner);
    const isAbandoned = state === "dead" || (state === "elsewhere" && now() - mtimeMs > PATIENCE_MILLISECONDS);
    return isAbandoned ? owner : undefined;
  } catch {
    return undefined;
  }
}
