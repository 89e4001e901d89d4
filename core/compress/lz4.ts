/**
 * LZ4 frames (LZ4 Frame Format 1.6.2): small enough to be read here, since no package checks what a frame says of
 * itself. Frames in a row are one stream, skippable ones are passed over; dictionaries and the old frames without sizes
 * are refused. What is held is one block with the 64 KiB before it.
 */
import { corrupt } from "./corrupt.ts";
import { xxHash32, type XXHash32 } from "./xxhash32.ts";

const MAGIC = 0x184d2204;
const FIRST_SKIPPABLE = 0x184d2a50;
/** By the block size's number in the descriptor. */
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 };
const UNCOMPRESSED = 0x80000000;
/** How far back a match may reach. */
const WINDOW = 64 * 1024;
const SHORTEST_MATCH = 4;

export async function* decodeLz4(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const input = inputOf(bytes);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const magic = (await input.takeUnlessOver(4))?.readUInt32LE();
      if (magic === undefined && isFirst) throw corrupt("lz4", "there is none");
      if (magic === undefined) return;
      if (magic === MAGIC) yield* decodeFrame(input);
      else if (isSkippable(magic)) await input.skip((await input.take(4)).readUInt32LE());
      else throw corrupt("lz4", isFirst ? "it is not an lz4 frame" : "something follows the end of the data");
    }
  } finally {
    await input.end();
  }
}

function isSkippable(magic: number): boolean {
  return magic >= FIRST_SKIPPABLE && magic <= FIRST_SKIPPABLE + 15;
}

async function* decodeFrame(input: Input): AsyncGenerator<Uint8Array, void, undefined> {
  const frame = await readDescriptor(input);
  const checksum = frame.hasChecksum ? xxHash32() : undefined;
  let window: Buffer = Buffer.alloc(0);
  let produced = 0;
  for (;;) {
    const size = (await input.take(4)).readUInt32LE();
    if (size === 0) break;
    const length = size & ~UNCOMPRESSED;
    if (length > frame.blockBytes) throw corrupt("lz4", "a block is larger than the frame announces");
    const packed = await input.take(length);
    if (frame.hasBlockChecksums) checkSum(xxHash32().update(packed), await input.take(4));
    const history = frame.isLinked ? window : Buffer.alloc(0);
    const block = (size & UNCOMPRESSED) !== 0 ? packed : decodeBlock(packed, history, frame.blockBytes);
    if (frame.isLinked) window = Buffer.concat([window, block]).subarray(-WINDOW);
    checksum?.update(block);
    produced += block.length;
    yield block;
  }
  if (checksum) checkSum(checksum, await input.take(4));
  if (frame.contentBytes !== undefined && BigInt(produced) !== frame.contentBytes) {
    throw corrupt("lz4", "it holds another number of bytes than it announces");
  }
}

interface Descriptor {
  readonly isLinked: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasChecksum: boolean;
  readonly blockBytes: number;
  readonly contentBytes: bigint | undefined;
}

async function readDescriptor(input: Input): Promise<Descriptor> {
  const start = await input.take(2);
  const [flags = 0, block = 0] = start;
  const size = (flags & 0x08) !== 0 ? await input.take(8) : Buffer.alloc(0);
  const dictionary = (flags & 0x01) !== 0 ? await input.take(4) : Buffer.alloc(0);
  const [sum] = await input.take(1);
  const expected =
    (xxHash32()
      .update(Buffer.concat([start, size, dictionary]))
      .digest() >>>
      8) &
    0xff;
  const blockBytes = BLOCK_BYTES[(block >> 4) & 0x07];
  if (sum !== expected) throw corrupt("lz4", "its frame's descriptor is damaged");
  if (flags >> 6 !== 1 || (flags & 0x02) !== 0 || (block & 0x8f) !== 0 || blockBytes === undefined) {
    throw corrupt("lz4", "its frame is of a version that this decoder does not know");
  }
  if (dictionary.length > 0) throw corrupt("lz4", "it needs a dictionary");
  return {
    isLinked: (flags & 0x20) === 0,
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasChecksum: (flags & 0x04) !== 0,
    blockBytes,
    contentBytes: size.length > 0 ? size.readBigUInt64LE() : undefined,
  };
}

/** LZ4 Block Format: literals and matches in turn; the last sequence is of literals alone. */
function decodeBlock(packed: Buffer, history: Buffer, limit: number): Buffer {
  const output = Buffer.allocUnsafe(history.length + limit);
  output.set(history);
  let to = history.length;
  let at = 0;
  const byte = (): number => {
    if (at >= packed.length) throw damaged();
    return packed[at++]!;
  };
  const lengthFrom = (first: number): number => {
    let length = first;
    if (first !== 15) return length;
    for (let more = 255; more === 255; length += more) more = byte();
    return length;
  };
  for (;;) {
    const token = byte();
    const literals = lengthFrom(token >> 4);
    if (literals > packed.length - at || literals > output.length - to) throw damaged();
    output.set(packed.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === packed.length) return output.subarray(history.length, to);
    const offset = byte() | (byte() << 8);
    const length = lengthFrom(token & 0x0f) + SHORTEST_MATCH;
    if (offset === 0 || offset > to || length > output.length - to) throw damaged();
    // A match may reach into what it writes itself: it is then a pattern that is repeated.
    for (const end = to + length; to < end; to++) output[to] = output[to - offset]!;
  }
}

function damaged(): Error {
  return corrupt("lz4", "a block is damaged");
}

function checkSum(sum: XXHash32, expected: Buffer): void {
  if (sum.digest() !== expected.readUInt32LE()) throw corrupt("lz4", "a checksum is wrong");
}

interface Input {
  take(size: number): Promise<Buffer>;
  /** Undefined where nothing is left. */
  takeUnlessOver(size: number): Promise<Buffer | undefined>;
  skip(size: number): Promise<void>;
  /** Nothing more is taken: whatever the bytes come from is let go. */
  end(): Promise<void>;
}

function inputOf(bytes: AsyncIterable<Uint8Array>): Input {
  const source = bytes[Symbol.asyncIterator]();
  let current: Uint8Array = new Uint8Array(0);
  /** The next bytes, at most `size`; none at the end. */
  async function next(size: number): Promise<Uint8Array> {
    while (current.length === 0) {
      const { value, done } = await source.next();
      if (done) return current;
      current = value;
    }
    const piece = current.subarray(0, size);
    current = current.subarray(piece.length);
    return piece;
  }
  async function takeUnlessOver(size: number): Promise<Buffer | undefined> {
    const taken = Buffer.alloc(size);
    for (let filled = 0; filled < size;) {
      const piece = await next(size - filled);
      if (piece.length === 0 && filled === 0) return undefined;
      if (piece.length === 0) throw corrupt("lz4", "it is incomplete");
      taken.set(piece, filled);
      filled += piece.length;
    }
    return taken;
  }
  return {
    takeUnlessOver,
    end: async () => void (await source.return?.()),
    async take(size) {
      const taken = await takeUnlessOver(size);
      if (taken === undefined) throw corrupt("lz4", "it is incomplete");
      return taken;
    },
    async skip(size) {
      for (let left = size; left > 0;) {
        const piece = await next(left);
        if (piece.length === 0) throw corrupt("lz4", "it is incomplete");
        left -= piece.length;
      }
    },
  };
}
