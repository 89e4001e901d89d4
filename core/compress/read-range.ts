/** A part of an open file as a stream of pieces. */
import type { FileHandle } from "node:fs/promises";
import { ImageDslError } from "../error.ts";

const PIECE_BYTES = 256 * 1024;

/**
 * `size` bytes from `offset` on; each piece is a buffer of its own. Throws `E_ARCHIVE_FORMAT` where the file ends
 * before them. The file stays open.
 */
export async function* readRange(
  file: FileHandle,
  offset: number,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - done));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset + done);
    if (bytesRead === 0) {
      throw new ImageDslError(
        "E_ARCHIVE_FORMAT",
        `The file ends ${size - done} bytes before the end of its last member`,
        {
          hint: "The file is incomplete: fetch or make it again",
        },
      );
    }
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
