/** Removing a directory that scripts wrote into: names may be anything, and rights may be missing. */
import { lstatSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "./child-process.ts";
import { HELPER_ENVIRONMENT } from "./helper-environment.ts";

/** Programs that a killed build had started may go on writing for a moment. Milliseconds between the attempts. */
const PAUSES = [0, 50, 200, 1000];

/** How long it is waited for once the build was interrupted, in milliseconds. */
const PATIENCE = 500;

/**
 * Removes `directory` and all below it. By `rm`, which takes names that are not UTF-8 on every runtime. What cannot be
 * removed even so is left for the store's own cleaning. Very many files take minutes: once `interrupted` fired, `rm` goes on
 * alone, and outlives whoever asked. False where that may be.
 */
export async function removeDirectory(directory: string, interrupted?: AbortSignal): Promise<boolean> {
  const removal = remove(directory).then(() => true);
  return interrupted === undefined ? removal : Promise.race([removal, patienceAfter(interrupted)]);
}

/** False, a while after the interrupt. */
function patienceAfter(interrupted: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const wait = (): void => void setTimeout(resolve, PATIENCE, false).unref();
    if (interrupted.aborted) wait();
    else interrupted.addEventListener("abort", wait, { once: true });
  });
}

async function remove(directory: string): Promise<void> {
  // Cleaning up goes on after an interrupt, so it has a signal of its own.
  const options = { cwd: "/", env: HELPER_ENVIRONMENT, signal: new AbortController().signal };
  for (const pause of PAUSES) {
    await delay(pause);
    const { code } = await run("rm", ["-rf", "--", directory], options);
    if (code === 0) return;
    // chmod would follow a link that a script put there.
    if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
    await run("chmod", ["-R", "u+rwx", "--", directory], options);
  }
}
