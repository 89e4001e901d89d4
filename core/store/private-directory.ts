/** Folders that nobody else may write to: what lies in them is trusted, and some of it is run. */
import { lstatSync } from "node:fs";
import { ImageDslError, messageOf } from "../error.ts";
import { userId } from "../host.ts";
import { fullStore } from "./full-disk.ts";
import { makeDirectory } from "./make-directory.ts";
import { isOwn } from "./own.ts";

/** Makes the folder (0700, its parents too) where it is missing. Throws `E_STORE` where it is another user's, or open to others. */
export function privateDirectory(path: string): void {
  const hint = "Set IMAGE_DSL_CACHE to a folder of your own that nobody else may write to";
  let owner: number;
  let mode: number;
  try {
    makeDirectory(path, 0o700);
    const stat = lstatSync(path);
    if (!stat.isDirectory()) throw new Error("it is no directory");
    [owner, mode] = [stat.uid, stat.mode];
  } catch (cause) {
    const full = fullStore(cause, path);
    if (full) throw full;
    throw new ImageDslError("E_STORE", `Cannot make the cache folder ${path}: ${messageOf(cause)}`, { hint, cause });
  }
  const user = userId();
  if (user !== undefined && owner !== user) {
    throw new ImageDslError("E_STORE", `The cache folder ${path} belongs to another user (${owner})`, { hint });
  }
  if (!isOwn({ uid: owner, mode })) {
    throw new ImageDslError("E_STORE", `Others may write to the cache folder ${path}`, {
      hint: `Take that right away: chmod go-w ${path}`,
    });
  }
}
