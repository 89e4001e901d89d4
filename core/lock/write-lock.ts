/** Writing `image.lock.json`, and what is said where that cannot be done. */
import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { replaceFile } from "../store/replace-file.ts";

/** Throws `E_LOCK_WRITE`, as in a folder that is read-only, and `E_NO_SPACE`. */
export async function replaceLock(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, (temporary) => writeFile(temporary, text, { flag: "wx", mode: 0o644 }));
  } catch (error) {
    if (error instanceof ImageDslError || systemCodeOf(error) === undefined) throw error;
    throw unwritable(file, error);
  }
}

/** It is replaced by another file of its folder. */
export function requireWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): ImageDslError {
  return new ImageDslError("E_LOCK_WRITE", `Cannot write the lock ${file}: ${messageOf(cause)}`, {
    hint: "Build once where its folder can be written to, and commit the lock: a build that pins nothing new writes nothing there",
    place: { file },
    cause,
  });
}
