/** Compressed pieces are kept by content, so what stayed the same is not compressed again. */
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { digestFromHex, type Digest } from "../model/digest.ts";
import type { Store } from "../store/store.ts";
import type { Codec } from "./codec.ts";
import type { EncodedPiece } from "./encoded-piece.ts";

/** The folder in the store. */
const KIND = "compressed";
/** What a kept piece's file ends with. */
const CRC_BYTES = 4;
/** While this many are being written, others are not kept: a slow disk must not hold up the stream. */
const MAX_WRITING = 4;

export interface KeptPieces {
  /** The piece from the store, else from `encode`. Whether it could be kept makes no difference. */
  find(piece: Uint8Array, encode: () => Promise<EncodedPiece>): Promise<EncodedPiece>;
}

export function keptPieces(store: Store, { identity, extension }: Codec): KeptPieces {
  let writing = 0;

  async function write(file: string, encoded: EncodedPiece): Promise<Digest> {
    if (writing === MAX_WRITING) throw new Error("The disk is too slow to keep this piece");
    writing++;
    try {
      const parts = [encoded.bytes, crcBytes(encoded)];
      const handle = await open(file, "wx", 0o600);
      try {
        // One call writes both, unless the disk is full.
        const { bytesWritten } = await handle.writev(parts);
        if (bytesWritten < encoded.bytes.length + CRC_BYTES) throw new Error("The disk takes no more");
      } finally {
        await handle.close();
      }
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      return digestFromHex(hash.digest("hex"));
    } finally {
      writing--;
    }
  }

  return {
    async find(piece, encode) {
      const key = createHash("sha256").update(identity).update("\0").update(piece).digest("hex");
      let made: Promise<EncodedPiece> | undefined;
      const encodeOnce = (): Promise<EncodedPiece> => (made ??= encode());
      try {
        const make = async (file: string): Promise<Digest> => write(file, await encodeOnce());
        const file = await store.derive(KIND, key, extension, make);
        if (!made) return unpack(await readFile(file));
      } catch {
        // That it could not be kept, or read, is no failure. Where encoding failed, this is told below.
      }
      return encodeOnce();
    },
  };
}

function crcBytes({ crc32 }: EncodedPiece): Buffer {
  const bytes = Buffer.alloc(CRC_BYTES);
  bytes.writeUInt32LE(crc32);
  return bytes;
}

/** Throws where a piece cannot be that short. */
function unpack(packed: Buffer): EncodedPiece {
  const size = packed.length - CRC_BYTES;
  return { bytes: packed.subarray(0, size), crc32: packed.readUInt32LE(size) };
}
