/** Reads exact numbers of bytes from a stream. */
import type { Readable } from "node:stream";

export interface BufferedReader {
  /** Throws where the stream ends before. */
  read(length: number): Promise<Buffer>;
}

export function bufferedReader(stream: Readable): BufferedReader {
  const source: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  return {
    async read(length) {
      while (rest.length < length) {
        const next = await source.next();
        if (next.done) throw new Error("The connection ended");
        rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
      }
      const part = rest.subarray(0, length);
      rest = rest.subarray(length);
      return part;
    },
  };
}
