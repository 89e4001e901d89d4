/** What goes to a thread that compresses a piece, and what comes back. */
import type { Codec } from "./codec.ts";

export interface EncodedPiece {
  readonly bytes: Uint8Array;
  /** Of what was compressed; 0 where the codec's stream does not state it. */
  readonly crc32: number;
}

/** A piece in memory that is shared with the thread, which puts the compressed bytes in the place of the others. */
export interface EncodePieceInput {
  readonly codec: Codec["name"];
  readonly memory: SharedArrayBuffer;
  readonly size: number;
}

export interface EncodePieceOutput {
  readonly size: number;
  readonly crc32: number;
}
