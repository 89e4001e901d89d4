/** Compressing one stream. */
import type { Codec } from "./codec.ts";
import { compressStreams, type StreamOptions } from "./compress-streams.ts";

/**
 * The compressed bytes of `chunks`, each of which has to stay valid until the next is asked for; what is given stays so
 * until the one after the next is. Throws what a worker throws; ending the iteration ends `chunks`.
 */
export async function* compressStream(
  chunks: AsyncIterable<Uint8Array>,
  codec: Codec,
  options: StreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* compressStreams({ index: 0, chunks }, [], codec, options).read(0)!;
}
