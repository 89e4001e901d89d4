/** Decompressing a part of a file into another file: the work that a worker thread does, since xz takes all of a core. */
import { createHash, type Hash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { openRegular } from "../regular-file.ts";
import { digestFromHex, type Digest } from "../model/digest.ts";
import type { Most } from "../limits/limits.ts";
import { decompress } from "./decompress.ts";
import type { CompressionFormat } from "./detect.ts";
import { readRange } from "./read-range.ts";

/** Input of the worker's task `unpack`, plain data that threads can hand over. */
export interface UnpackInput {
  /** Absolute; the compressed bytes are read from it at `offset`. */
  readonly file: string;
  /** Where the compressed bytes begin in `file`, and how many they are. */
  readonly offset: number;
  /** Compressed bytes, as many as are read. */
  readonly size: number;
  /** As `detectCompression` found it; `none` copies. */
  readonly format: CompressionFormat;
  /** The file to make; it must not exist. */
  readonly output: string;
  /** Past it the task throws `E_COMPRESSION`. @default "unpack.bytes" */
  readonly most?: Most;
}

/** What the task `unpack` wrote and read. */
export interface UnpackOutput {
  /** Of `output`. */
  readonly size: number;
  /** Of the decompressed bytes in `output`. */
  readonly sha256: Digest;
  /** Of the compressed bytes, as they were read. */
  readonly inputSha256: Digest;
}

/** Pieces are gathered up to this before they are written. */
const WRITE_BYTES = 1024 * 1024;

/** Throws `E_COMPRESSION`; a half-written output is the caller's to remove. */
export async function unpack(input: UnpackInput): Promise<UnpackOutput> {
  const source = await openRegular(input.file);
  try {
    const target = await open(input.output, "wx", 0o600);
    try {
      const hash = createHash("sha256");
      const compressed = hashed(readRange(source, input.offset, input.size), hash);
      const written = await write(target, decompress(compressed, input.format, input.most));
      return { ...written, inputSha256: digestFromHex(hash.digest("hex")) };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function* hashed(pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

async function write(
  target: FileHandle,
  pieces: AsyncIterable<Uint8Array>,
): Promise<Omit<UnpackOutput, "inputSha256">> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(WRITE_BYTES);
  let filled = 0;
  let size = 0;
  const flush = async () => {
    let written = 0;
    while (written < filled) written += (await target.write(buffer, written, filled - written)).bytesWritten;
    filled = 0;
  };
  for await (const piece of pieces) {
    hash.update(piece);
    size += piece.length;
    for (let offset = 0; offset < piece.length;) {
      const count = Math.min(piece.length - offset, WRITE_BYTES - filled);
      buffer.set(piece.subarray(offset, offset + count), filled);
      filled += count;
      offset += count;
      if (filled === WRITE_BYTES) await flush();
    }
  }
  await flush();
  return { size, sha256: digestFromHex(hash.digest("hex")) };
}
