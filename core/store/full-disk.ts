/** The error of a full disk: what could not be written, and what makes room. */
import { ImageDslError, systemCodeOf } from "../error.ts";

export function isFullDisk(cause: unknown): boolean {
  const code = systemCodeOf(cause);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** `E_NO_SPACE` where the cause is that the disk or the user's quota is full, else undefined. */
export function fullDisk(cause: unknown, what: string, hint: string): ImageDslError | undefined {
  if (!isFullDisk(cause)) return undefined;
  return new ImageDslError("E_NO_SPACE", `The disk is full: ${what}`, { hint, cause });
}

/** The same, where it is the store's disk. */
export function fullStore(cause: unknown, directory: string): ImageDslError | undefined {
  return fullDisk(
    cause,
    `the cache ${directory} cannot take what this build needs`,
    "Free some space there, as with: image-dsl cache gc --max-size 1GB; or set IMAGE_DSL_CACHE to a folder on another disk",
  );
}
