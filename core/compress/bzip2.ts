/**
 * bzip2, in plain JavaScript: slow (some 7 MB/s), and rare. Only base images of long ago come in it. Of the package the
 * two parts that decode a block are used, one block at a time: its stream would decode all that it has at once.
 */
import bitIterator from "unbzip2-stream/lib/bit_iterator.js";
import bzip2 from "unbzip2-stream/lib/bzip2.js";
import { messageOf } from "../error.ts";
import { corrupt } from "./corrupt.ts";

/** More than a block can have: 900,000 bytes that do not compress. */
const BLOCK_INPUT = 1024 * 1024;
const BLOCK_UNIT = 100_000;
const PIECE_BYTES = 64 * 1024;

/** Several streams in a row are one. */
export async function* decodeBzip2(
  bytes: AsyncIterable<Uint8Array>,
  room: () => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = inputOf(bytes);
  await input.fill();
  if (input.received() === 0) throw corrupt("bz2", "there is none");
  const bits = bitIterator(input.next);
  while (input.received() > bits.bytesRead) {
    const blockSize = decoding(() => bzip2.header(bits)) * BLOCK_UNIT;
    const scratch = new Int32Array(blockSize);
    for (let checksum: number | null = 0; ;) {
      await input.fill();
      const block = blockBytes(room());
      const before: number = checksum;
      checksum = decoding(() => {
        try {
          return bzip2.decompress(bits, block.add, scratch, blockSize, before);
        } catch (error) {
          // What there is goes beyond the limits, whatever would follow.
          if (block.isFull()) return 0;
          throw error;
        }
      });
      // The end of a stream, where the checksum of all was right.
      if (checksum === null) break;
      yield* block.pieces();
    }
    await input.fill();
  }

  function decoding<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      throw corrupt("bz2", input.isOver() ? "it is incomplete or damaged" : messageOf(cause), cause);
    }
  }
}

/** A block's bytes: of a few dozen in come up to 46 MB out. Takes one byte more than there is room for. */
function blockBytes(room: number) {
  const full: Uint8Array[] = [];
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let used = 0;
  let left = room + 1;
  return {
    add(byte: number): void {
      if (left-- <= 0) throw new Error("There is no room for more");
      if (used === PIECE_BYTES) {
        full.push(piece);
        piece = Buffer.allocUnsafe(PIECE_BYTES);
        used = 0;
      }
      piece[used++] = byte;
    },
    isFull: () => left < 0,
    pieces: (): readonly Uint8Array[] => (used === 0 ? full : [...full, piece.subarray(0, used)]),
  };
}

/** The input as the decoder takes it: pieces that are there when it asks. */
function inputOf(bytes: AsyncIterable<Uint8Array>) {
  const source = bytes[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let waiting = 0;
  let received = 0;
  let isOver = false;
  return {
    /** Until a whole block must be there, or all of the input. */
    async fill(): Promise<void> {
      while (waiting < BLOCK_INPUT && !isOver) {
        const { value, done } = await source.next();
        if (done) isOver = true;
        else if (value.length > 0) {
          pieces.push(value);
          waiting += value.length;
          received += value.length;
        }
      }
    },
    next(): Uint8Array | undefined {
      const piece = pieces.shift();
      waiting -= piece?.length ?? 0;
      return piece;
    },
    received: () => received,
    isOver: () => isOver,
  };
}
