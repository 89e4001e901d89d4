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
/** Smaller pieces are compressed again as soon as they would be read, and keeping one takes the disk milliseconds. */
const MIN_BYTES = 1024 * 1024;
/** While this many are being written, others are not kept: a slow disk must not hold up the stream. */
const MAX_WRITING = 4;

export interface KeptPieces {
  /** The piece from the store, else from `encode`. Whether it could be kept makes no difference. */
  find(piece: Uint8Array, encode: () => Promise<EncodedPiece>): FoundPiece;
  /** Nothing is being written any more. */
  settled(): Promise<void>;
}

export interface FoundPiece {
  readonly encoded: Promise<EncodedPiece>;
  /** Its memory is not read any more in order to keep it. Never fails. */
  readonly isKept: Promise<void>;
}

/** Where there is no store. */
export const NO_KEPT_PIECES: KeptPieces = {
  find: (_, encode) => ({ encoded: encode(), isKept: Promise.resolve() }),
  settled: () => Promise.resolve(),
};

export function keptPieces(store: Store, { identity, extension }: Codec): KeptPieces {
  const writing = new Set<Promise<void>>();

  async function read(key: string): Promise<EncodedPiece | undefined> {
    try {
      const file = await store.findDerived(KIND, key, extension);
      return file === undefined ? undefined : unpack(await readFile(file));
    } catch {
      // It is made anew.
      return undefined;
    }
  }

  async function keep(key: string, encoded: EncodedPiece): Promise<void> {
    if (writing.size === MAX_WRITING) return;
    // That it could not be kept is no failure.
    const written = store.derive(KIND, key, extension, (file) => write(file, encoded)).then(ignore, ignore);
    writing.add(written);
    await written;
    writing.delete(written);
  }

  return {
    find(piece, encode) {
      if (piece.length < MIN_BYTES) return NO_KEPT_PIECES.find(piece, encode);
      const key = createHash("sha256").update(identity).update("\0").update(piece).digest("hex");
      const before = read(key);
      const encoded = before.then((found) => found ?? encode());
      const isKept = before.then(async (found) => found ?? keep(key, await encoded)).then(ignore, ignore);
      return { encoded, isKept };
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}

const ignore = (): void => {};

async function write(file: string, encoded: EncodedPiece): Promise<Digest> {
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
