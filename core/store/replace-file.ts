/** Making a file appear whole or not at all: written under another name, then renamed. */
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ImageDslError, systemCodeOf } from "../error.ts";
import { uniqueSuffix } from "../host.ts";

/**
 * Lets `make` write `temporary` (by default a name beside `file`) and renames it to `file`; whatever fails, the
 * temporary file is gone. Throws `E_NO_SPACE` on a full disk.
 */
export async function replaceFile(
  file: string,
  make: (temporaryFile: string) => Promise<void>,
  temporary: string = `${file}.${uniqueSuffix()}`,
): Promise<void> {
  try {
    await make(temporary);
    await rename(temporary, file);
  } catch (error) {
    throw fullDisk(file, error) ?? error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Makes the folder that `file` will stand in. */
export async function makeParent(file: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode });
}

function fullDisk(file: string, cause: unknown): ImageDslError | undefined {
  const code = systemCodeOf(cause);
  if (code !== "ENOSPC" && code !== "EDQUOT") return undefined;
  return new ImageDslError("E_NO_SPACE", `The disk is full: ${file} could not be written`, {
    hint: "Free some space; the cache may also lie on another disk (IMAGE_DSL_CACHE)",
    cause,
  });
}
