/** The layers of one image, compressed: those behind the one that is read are begun as soon as there is memory for them. */
import type { Codec } from "../compress/codec.ts";
import { compressStream } from "../compress/compress-stream.ts";
import {
  compressStreams,
  type CompressedStreams,
  type CompressOptions,
  type StreamSource,
} from "../compress/compress-streams.ts";
import type { Layer } from "../image/image.ts";

/** A layer's compressed tar by the layer's number, made anew each time. */
export type LayerCompressor = (index: number) => AsyncIterable<Uint8Array>;

/**
 * Layers are mostly asked for from the first to the last, those excepted that are others' to make, or made. Any other order gives the
 * same bytes, later.
 */
export function layerCompressor(
  layers: readonly Layer[],
  isOthers: (index: number) => Promise<boolean>,
  codec: Codec,
  options: CompressOptions,
): LayerCompressor {
  let streams: CompressedStreams | undefined;

  async function* behind(index: number): AsyncGenerator<StreamSource> {
    for (let next = index + 1; next < layers.length; next++) {
      if (!(await isOthers(next))) yield { index: next, chunks: layers[next]!.open() };
    }
  }

  return (index) => {
    const begun = streams?.read(index);
    if (begun !== undefined) return begun;
    const chunks = layers[index]!.open();
    if (streams?.isBeingRead()) return compressStream(chunks, codec, options);
    void streams?.end();
    streams = compressStreams({ index, chunks }, behind(index), codec, options);
    return streams.read(index)!;
  };
}
