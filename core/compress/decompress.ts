/**
 * Reading compressed streams: gzip (RFC 1952), bzip2, xz (the .xz file format 1.2), Zstandard (RFC 8878) and LZ4
 * frames, with limits, so that a small hostile file cannot become an endless one. The decoders are loaded when first needed.
 */
import { ImageDslError, messageOf } from "../error.ts";
import { MAX_RATIO, type UnpackLimits } from "../model/unpacking.ts";
import type { CompressionFormat } from "./detect.ts";

/** The ratio counts once the output exceeds 64 MiB. */
export type DecompressLimits = Pick<UnpackLimits, "maxBytes"> & Partial<UnpackLimits>;

/** Streams below this are bounded well enough by their size alone. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024;

/**
 * The decompressed bytes, in pieces of the decoder's choice. Several streams in a row are read as one, as the
 * formats' own tools do. Throws `E_COMPRESSION` for corrupt, truncated or trailing input and for output beyond the
 * limits. Ending the iteration early frees the decoder and ends `bytes`.
 */
export async function* decompress(
  bytes: AsyncIterable<Uint8Array>,
  format: CompressionFormat,
  limits: DecompressLimits,
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
  const { maxBytes, maxRatio = MAX_RATIO } = limits;
  const room = (): number => Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, consumed * maxRatio)) - produced;
  for await (const piece of decode(counted(), room)) {
    produced += piece.length;
    checkLimits(format, consumed, produced, limits);
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

function checkLimits(format: CompressionFormat, consumed: number, produced: number, limits: DecompressLimits): void {
  const { maxBytes, maxRatio = MAX_RATIO, hint = "This looks like a decompression bomb" } = limits;
  if (produced > maxBytes) {
    const message = `Decompressed ${format} data is larger than the ${maxBytes} bytes allowed`;
    throw new ImageDslError("E_COMPRESSION", message, { hint: limits.hint });
  }
  if (produced > RATIO_FREE_BYTES && produced > consumed * maxRatio) {
    const message = `Decompressed ${format} data is more than ${maxRatio} times larger than its input`;
    throw new ImageDslError("E_COMPRESSION", message, { hint });
  }
}
