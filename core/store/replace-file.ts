/** Making a file appear whole or not at all: written under another name, then renamed. */
import { rename, rm } from "node:fs/promises";
import { uniqueSuffix } from "../host.ts";
import { fullDisk } from "./full-disk.ts";

/**
 * Lets `make` write a file beside `file` and renames it to `file`; whatever fails, that file is gone. Throws
 * `E_NO_SPACE` on a full disk.
 */
export function replaceFile(file: string, make: (temporaryFile: string) => Promise<void>): Promise<void> {
  return renameWhenWhole(`${file}.${uniqueSuffix()}`, file, async (temporary) => {
    await make(temporary);
    return file;
  });
}

/**
 * Lets `make` write the file `temporary` and renames it to what `make` gives, as where a file's name hangs on its bytes;
 * `shown` is what is written, for messages. Whatever fails, `temporary` is gone. Throws `E_NO_SPACE` on a full disk.
 */
export async function renameWhenWhole(
  temporary: string,
  shown: string,
  make: (temporary: string) => Promise<string>,
): Promise<void> {
  try {
    await rename(temporary, await make(temporary));
  } catch (error) {
    throw (
      fullDisk(
        error,
        `${shown} could not be written`,
        "Free some space on that disk, or name a place on another one",
      ) ?? error
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
