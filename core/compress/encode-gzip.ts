/**
 * Deflate through flate2 (miniz_oxide) in WebAssembly, the package `@hazae41/foras`. The package would read its module by
 * `fetch`, which takes Node longer to load than the module itself; so that is a part of our sources.
 */
import { GzEncoder, Memory, initSync } from "@hazae41/foras";
import type { EncodePieceOutput } from "./encoded-piece.ts";
import { forasModule } from "./wasm/foras.ts";

/** 1 takes half the time and 14 to 17 bytes in a hundred more than zlib's 6; this one 4 to 5; 3 is slower than zlib. */
const LEVEL = 2;
/** The encoder begins with a header of its own, without a name. */
const HEADER_BYTES = 10;
/** What a flush ends with (RFC 1951, 3.2.4: an empty stored block). */
const FLUSHED = [0x00, 0x00, 0xff, 0xff];
/** What the encoder ends with: an empty last block, the CRC-32 and the size. */
const LAST_BLOCK_BYTES = 2;
const END_BYTES = LAST_BLOCK_BYTES + 8;

/** Whole deflate blocks, none of them the last one. They end with an empty stored block: at a byte's border. */
export async function encodeGzip(piece: Uint8Array, target: Uint8Array): Promise<EncodePieceOutput> {
  start();
  const encoder = new GzEncoder(LEVEL);
  withMemory(new Memory(piece), (input) => encoder.write(input));
  const size = writeBlocks(encoder, target);
  // This frees the encoder.
  const end = encoder.finish().copyAndDispose();
  // Else the blocks were not all of them.
  if (end.length !== END_BYTES) throw new Error(`The gzip encoder kept ${end.length - END_BYTES} bytes back`);
  return { size, crc32: new DataView(end.buffer, end.byteOffset).getUint32(LAST_BLOCK_BYTES, true) };
}

let isStarted = false;

function start(): void {
  if (!isStarted) initSync(forasModule());
  isStarted = true;
}

/** Puts all blocks, but not the header, into `target`, and gives their size. */
function writeBlocks(encoder: GzEncoder, target: Uint8Array): number {
  let size = 0;
  let skipped = HEADER_BYTES;
  const isFlushed = (): boolean => FLUSHED.every((byte, index) => target[size - FLUSHED.length + index] === byte);
  // Once in about a thousand times a flush of this version ends too early, and another one has to follow.
  for (let flushes = 0; flushes < 3; flushes++) {
    encoder.flush();
    withMemory(encoder.read(), ({ bytes }) => {
      target.set(bytes.subarray(skipped), size);
      size += bytes.length - skipped;
      skipped = 0;
    });
    if (size >= FLUSHED.length && isFlushed()) return size;
  }
  throw new Error("The gzip encoder does not flush what it was given");
}

function withMemory(memory: Memory, use: (memory: Memory) => void): void {
  try {
    use(memory);
  } finally {
    memory.free();
  }
}
