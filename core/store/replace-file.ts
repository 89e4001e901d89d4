/** Making a file appear whole or not at all: written under another name, then renamed. */
import { lstatSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { uniqueSuffix } from "../host.ts";
import { fullDisk } from "./full-disk.ts";

/**
 * Lets `make` write a file or a directory beside `file` and renames it to `file`; whatever fails, it is gone, a large directory
 * maybe a while after `signal` fired. Throws `E_NO_SPACE` on a full disk.
 */
export function replaceFile(
  file: string,
  make: (temporaryFile: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const write = async (temporary: string): Promise<string> => {
    await make(temporary);
    return file;
  };
  return renameWhenWhole(`${file}.${uniqueSuffix()}`, file, write, signal);
}

/**
 * Lets `make` write the file `temporary` and renames it to what `make` gives, as where a file's name hangs on its bytes;
 * `shown` is what is written, for messages. Whatever fails, `temporary` is gone. Throws `E_NO_SPACE` on a full disk.
 */
export async function renameWhenWhole(
  temporary: string,
  shown: string,
  make: (temporary: string) => Promise<string>,
  signal?: AbortSignal,
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
    await removeWhole(temporary, signal);
  }
}

async function removeWhole(path: string, signal: AbortSignal | undefined): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return rm(path, { force: true });
  // By a program, which also ends what it began where this one is stopped meanwhile.
  const { removeDirectory } = await import("../process/remove-directory.ts");
  await removeDirectory(path, signal);
}
