/** Compressing one piece of a stream: the work that a worker thread does. */
import type { Codec } from "./codec.ts";
import type { EncodePieceInput, EncodePieceOutput } from "./encoded-piece.ts";

/** What memory for a piece of `size` bytes needs: more than any codec adds to bytes that it cannot make fewer. */
export function encodedBound(size: number): number {
  return size + Math.ceil(size / 64) + 1024;
}

/** The named task `encodePiece`. */
export async function encodePiece({ codec, memory, size }: EncodePieceInput): Promise<EncodePieceOutput> {
  const encode = await encoderOf(codec);
  return encode(new Uint8Array(memory, 0, size), new Uint8Array(memory));
}

/** Loads an encoder and starts it, so that the first piece need not wait for that. */
export async function prepareEncoder(codec: Codec["name"]): Promise<void> {
  await encodePiece({ codec, memory: new SharedArrayBuffer(encodedBound(0)), size: 0 });
}

type Encoder = (piece: Uint8Array, target: Uint8Array) => Promise<EncodePieceOutput>;

/** Loaded when first needed. */
async function encoderOf(codec: Codec["name"]): Promise<Encoder> {
  if (codec === "gzip") return (await import("./encode-gzip.ts")).encodeGzip;
  return (await import("./encode-zstd.ts")).encodeZstd;
}
