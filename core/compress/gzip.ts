/** gzip through node:zlib, which reads the same bytes on every runtime (what it *writes* differs, so it never writes). */
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ImageDslError, messageOf } from "../error.ts";
import { corrupt } from "./corrupt.ts";

/** Several members are one stream. Zeros may follow the last member (tapes were padded with them); nothing else may. */
export async function* decodeGzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let fed = 0;
  let meaningful = 0;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of bytes) {
      const last = piece.findLastIndex((byte) => byte !== 0);
      if (last >= 0) meaningful = fed + last + 1;
      fed += piece.length;
      yield piece;
    }
  }
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  // The callback is there so that errors of the input reach the reader of `gunzip` and no one else.
  const input = Readable.from(watched(), { objectMode: true, highWaterMark: 1 });
  pipeline(input, gunzip, () => {});
  try {
    for await (const piece of gunzip) yield piece as Buffer;
  } catch (cause) {
    if (cause instanceof ImageDslError || !isZlibError(cause)) throw cause;
    throw corrupt("gz", messageOf(cause), cause);
  } finally {
    gunzip.destroy();
    input.destroy();
  }
  // zlib stops reading at zeros; what it left over must be nothing but zeros.
  if (meaningful > gunzip.bytesWritten) throw corrupt("gz", "something follows the end of the data");
}

function isZlibError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" && thrown.code.startsWith("Z_");
}
