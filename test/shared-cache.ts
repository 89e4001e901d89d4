/**
 * image-dsl's cache for tests that ask nothing of it: one for all files of a run, so that Debian's lists and the guests in which scripts run
 * are made once. Whoever looks into a cache, or needs a cold one, has its own.
 */
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "./harness.ts";

/** What is in it has to be its user's own, or is not believed. */
export function sharedCache(user = 0): string {
  const cache = join(folder(), String(user));
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  chownSync(cache, user, user);
  return cache;
}

/** A path that all files of a run have in common: for what is made once and only read. */
export function sharedPath(name: string): string {
  return join(folder(), name);
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
