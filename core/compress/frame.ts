/** What stands around a codec's pieces, so that they are one valid stream. */
import type { Codec } from "./codec.ts";
import { joinCrc32 } from "./crc32.ts";

export interface Frame {
  readonly start: Uint8Array;
  /** A piece of `size` bytes, before they were compressed, is in. */
  add(crc32: number, size: number): void;
  end(): Uint8Array;
}

export function frameOf(codec: Codec): Frame {
  return codec.name === "gzip" ? gzipFrame() : NO_FRAME;
}

/** RFC 1952, 2.3: deflate; no flags, name or time; made on no known system. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/** RFC 1951, 3.2.6: a last block of fixed codes that holds nothing but its end. */
const LAST_BLOCK = [0x03, 0x00];

function gzipFrame(): Frame {
  let total = 0;
  let joined = 0;
  return {
    start: Uint8Array.from(GZIP_HEADER),
    add(crc32, size) {
      joined = joinCrc32(joined, crc32, size);
      total += size;
    },
    end() {
      const end = new Uint8Array(LAST_BLOCK.length + 8);
      end.set(LAST_BLOCK);
      const view = new DataView(end.buffer);
      view.setUint32(LAST_BLOCK.length, joined, true);
      // Modulo 2^32.
      view.setUint32(LAST_BLOCK.length + 4, total % 2 ** 32, true);
      return end;
    },
  };
}

/** Frames of zstd in a row are a stream (RFC 8878, 3.1). */
const NO_FRAME: Frame = { start: new Uint8Array(0), add: () => {}, end: () => new Uint8Array(0) };
