/**
 * Reading compressed streams: gzip (RFC 1952), bzip2, xz (the .xz file format 1.2), Zstandard (RFC 8878) and LZ4
 * frames, with limits, so that a small hostile file cannot become an endless one. The decoders are loaded when first needed.
 */
import { ImageDslError, messageOf } from "../error.ts";
import { beyond, isWithin, limitOf, type Most } from "../limits/limits.ts";
import { isWithinRatio, roomOf } from "../limits/ratio.ts";
import type { CompressionFormat } from "./detect.ts";

/**
 * The decompressed bytes, in pieces of the decoder's choice. Several streams in a row are read as one, as the
 * formats' own tools do. Throws `E_COMPRESSION` for corrupt, truncated or trailing input and for output beyond the
 * limits. Ending the iteration early frees the decoder and ends `bytes`.
 */
export async function* decompress(
  bytes: AsyncIterable<Uint8Array>,
  format: CompressionFormat,
  most: Most = "unpack.bytes",
): AsyncGenerator<Uint8Array, void, undefined> {
  let consumed = 0;
  let produced = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of bytes) {
      consumed += piece.length;
      yield piece;
    }
  }
  const decode = await decoderOf(format);
  const maxBytes = limitOf(most);
  const maxRatio = limitOf("unpack.ratio");
  const room = (): number => Math.min(maxBytes, roomOf(consumed, maxRatio)) - produced;
  for await (const piece of decode(counted(), room)) {
    produced += piece.length;
    checkLimits(format, consumed, produced, most);
    if (piece.length > 0) yield piece;
  }
}

/**
 * What a decoder is: it throws `E_COMPRESSION` through `corrupt`, and frees what it holds when it is ended. One that makes
 * a great deal at once makes no more than one byte above the `room` that there is.
 */
export type Decoder = (bytes: AsyncIterable<Uint8Array>, room: () => number) => AsyncIterable<Uint8Array>;

async function decoderOf(format: CompressionFormat): Promise<Decoder> {
  switch (format) {
    case "none":
      return (bytes) => bytes;
    case "gz":
      return (await import("./gzip.ts")).decodeGzip;
    case "bz2":
      return (await load(format, () => import("./bzip2.ts"))).decodeBzip2;
    case "xz":
      return (await load(format, () => import("./xz.ts"))).decodeXz;
    case "lz4":
      return (await import("./lz4.ts")).decodeLz4;
    case "zst":
      return (await load(format, () => import("./zstd.ts"))).decodeZstd;
  }
}

async function load<Module>(format: CompressionFormat, importing: () => Promise<Module>): Promise<Module> {
  try {
    return await importing();
  } catch (cause) {
    throw new ImageDslError("E_COMPRESSION", `Cannot load the ${format} decoder: ${messageOf(cause)}`, {
      hint: "Install image-dsl again: one of its dependencies is missing",
      cause,
    });
  }
}

function checkLimits(format: CompressionFormat, consumed: number, produced: number, most: Most): void {
  if (!isWithin(most, produced)) throw tooMuch(format, beyond(most));
  if (!isWithinRatio(consumed, produced)) {
    throw tooMuch(format, beyond("unpack.ratio"), "This looks like a decompression bomb");
  }
}

function tooMuch(format: CompressionFormat, what: string, hint?: string): ImageDslError {
  return new ImageDslError("E_COMPRESSION", `What is decompressed by ${format} has ${what}`, { hint });
}
