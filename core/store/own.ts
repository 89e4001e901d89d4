/**
 * Whose what lies in the store is. A store that once was open to others may still hold what they put there: so a folder or a
 * file counts only where it is this user's own and nobody else may write to it.
 */
import { chmodSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ImageDslError } from "../error.ts";
import { userId } from "../host.ts";

const OTHERS_WRITE = 0o022;

/** Of an `lstat`: a link is as good as who made it. */
export function isOwn({ uid, mode }: { readonly uid: number | bigint; readonly mode: number | bigint }): boolean {
  const user = userId();
  return user === undefined || (Number(uid) === user && (Number(mode) & OTHERS_WRITE) === 0);
}

/** Throws `E_STORE` where a folder that a file of the store lies in, `KIND` or `KIND/KK`, is somebody else's or open to others. */
export function requireOwnFolders(file: string): void {
  for (const folder of [dirname(dirname(file)), dirname(file)]) {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    // Nor is anything in it then.
    if (stat === undefined) return;
    if (!stat.isDirectory()) throw untrusted(folder, "is no folder");
    if (isOwn(stat)) continue;
    throw untrusted(folder, stat.uid === userId() ? "is open to others" : "belongs to another user");
  }
}

/**
 * Removes from a folder what is not this user's own, or open to others: for what other programs keep there and run, and make
 * again where it is missing.
 */
export function removeForeign(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!isAllOwn(path)) rmSync(path, { recursive: true, force: true });
  }
}

function isAllOwn(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (!isOwn(stat)) return false;
  return stat.isFile() || (stat.isDirectory() && readdirSync(path).every((name) => isAllOwn(join(path, name))));
}

/** Takes from others the right to write to what has just been made in a folder, which the umask may have left them. */
export function closeFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() && !isOwn(stat)) chmodSync(path, 0o600);
  }
}

function untrusted(folder: string, what: string): ImageDslError {
  return new ImageDslError("E_STORE", `${folder} in the cache ${what}, so that nothing in it can be trusted`, {
    // What is in another user's folder only he or root can remove.
    hint: `Remove it (rm -rf ${folder}, as root where it is not yours), or set IMAGE_DSL_CACHE to a new folder`,
  });
}
