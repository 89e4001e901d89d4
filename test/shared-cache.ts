/**
 * image-dsl's cache for tests that ask nothing of it: one for all files of a run, so that Debian's lists and the guests in which scripts run
 * are made once. Whoever looks into a cache, or needs a cold one, has its own.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "./harness.ts";

/** What is in it has to be its user's own, or is not believed. */
export function sharedCache(user = process.getuid?.() ?? 0): string {
  const cache = join(folder(), String(user));
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  chownSync(cache, user, user);
  return cache;
}

/** A folder that all files of a run have in common: `make` fills it once, and then it is only read. */
export function sharedFolder(name: string, make: (folder: string) => void): string {
  const shared = join(folder(), name);
  if (existsSync(shared)) return shared;
  const made = tmp();
  chmodSync(made, 0o755);
  make(made);
  try {
    renameSync(made, shared);
  } catch (error) {
    // Another file of the run was quicker.
    if (!existsSync(shared)) throw error;
  }
  return shared;
}

/** The runner's, or, of a file that runs alone, its own. */
function folder(): string {
  own ??= process.env["IMAGE_DSL_TESTS_CACHE"] ?? passable(tmp());
  return own;
}

let own: string | undefined;

function passable(path: string): string {
  chmodSync(path, 0o711);
  return path;
}
