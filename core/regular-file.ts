/**
 * Opening a file of the host by its path, to read it: at once an error where it is a FIFO, a device or the like, which
 * would be waited for or read for ever. How much is read is bounded by what comes, not by what stat says.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { beyond, isWithin, type Most } from "./limits/limits.ts";

/** Without it, opening a FIFO waits for somebody who writes. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

const PIECE = 64 * 1024;

/** Rejects with the system's error, or one that says what it is instead of a regular file. */
export async function openRegular(file: string): Promise<FileHandle> {
  const handle = await open(file, FLAGS);
  try {
    refuseOther(await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** All of a file that is not beyond the limit. Throws what `openRegular` does, and an error that names the limit. */
export async function readRegular(file: string, most: Most): Promise<Buffer> {
  const handle = await openRegular(file);
  try {
    const pieces: Buffer[] = [];
    for (let size = 0; ;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, null);
      if (bytesRead === 0) return Buffer.concat(pieces);
      pieces.push(buffer.subarray(0, bytesRead));
      if (!isWithin(most, (size += bytesRead))) throw tooLarge(most);
    }
  } finally {
    await handle.close();
  }
}

/** The bytes as a stream; the file is opened when it is first read. */
export async function* streamRegular(file: string, piece = PIECE): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await openRegular(file);
  try {
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(piece), 0, piece, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** As `readRegular`, at once. */
export function readRegularSync(file: string, most: Most): Buffer {
  const descriptor = openSync(file, FLAGS);
  try {
    refuseOther(fstatSync(descriptor));
    const pieces: Buffer[] = [];
    for (let size = 0; ;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const bytesRead = readSync(descriptor, piece, 0, PIECE, null);
      if (bytesRead === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, bytesRead));
      if (!isWithin(most, (size += bytesRead))) throw tooLarge(most);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** What a path is, in words. */
export function kindOf(stat: Stats): string {
  if (stat.isFile()) return "a regular file";
  if (stat.isDirectory()) return "a directory";
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isFIFO()) return "a FIFO";
  return stat.isSocket() ? "a socket" : "a device";
}

function refuseOther(stat: Stats): void {
  if (!stat.isFile()) throw new Error(`it is ${kindOf(stat)}, not a regular file`);
}

function tooLarge(most: Most): Error {
  return new Error(`it has ${beyond(most)}`);
}
