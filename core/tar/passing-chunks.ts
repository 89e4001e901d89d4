/** A file's bytes in pieces, for a reader that passes over most of them: what it does not want is not read. */
import { openRegular } from "../regular-file.ts";

/** The reader may say, between two pieces, that so many bytes are not to come. */
export interface PassingChunks extends AsyncIterable<Uint8Array> {
  pass(size: number): void;
}

const PIECE = 1024 * 1024;

/** The first `size` bytes of `file`. For one reader. */
export function passingChunks(file: string, size: number): PassingChunks {
  let at = 0;
  return {
    pass: (count) => void (at += count),
    async *[Symbol.asyncIterator]() {
      const handle = await openRegular(file);
      try {
        while (at < size) {
          const length = Math.min(PIECE, size - at);
          const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, at);
          if (bytesRead === 0) return;
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },
  };
}
