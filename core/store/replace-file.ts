/** Making a file appear whole or not at all: written under another name, then renamed. */
import { rename, rm } from "node:fs/promises";
import { uniqueSuffix } from "../host.ts";
import { fullDisk } from "./full-disk.ts";

/**
 * Lets `make` write a file beside `file` and renames it to `file`; whatever fails, that file is gone. Throws
 * `E_NO_SPACE` on a full disk.
 */
export async function replaceFile(file: string, make: (temporaryFile: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.${uniqueSuffix()}`;
  try {
    await make(temporary);
    await rename(temporary, file);
  } catch (error) {
    throw (
      fullDisk(error, `${file} could not be written`, "Free some space on that disk, or name a place on another one") ??
      error
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
