/** bzip2, in plain JavaScript: slow (some 10 MB/s), and rare. Only base images of long ago come in it. */
import { Readable } from "node:stream";
import unbzip2 from "unbzip2-stream";
import { ImageDslError, messageOf } from "../error.ts";
import { corrupt } from "./corrupt.ts";

/** Several streams in a row are one. */
export async function* decodeBzip2(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const input = Readable.from(bytes, { objectMode: true, highWaterMark: 1 });
  const decoder = unbzip2();
  // The decoder is a stream of the oldest kind, which knows neither errors of its input nor async iteration.
  const output = new Readable().wrap(decoder);
  input.on("error", (error) => output.destroy(error));
  decoder.on("error", (error) => output.destroy(error instanceof Error ? error : new Error(String(error))));
  input.pipe(decoder);
  try {
    for await (const piece of output) yield piece as Buffer;
  } catch (cause) {
    if (cause instanceof ImageDslError) throw cause;
    throw corrupt("bz2", messageOf(cause), cause);
  } finally {
    input.destroy();
    output.destroy();
  }
}
