/** Telling compression formats apart by their first bytes. */

export type CompressionFormat = "none" | "gz" | "bz2" | "xz" | "zst" | "lz4";

/** Enough first bytes for `detectCompression`. */
export const DETECT_BYTES = 6;

/** The format whose magic number `first` begins with; `none` for anything else, also for fewer bytes than that. */
export function detectCompression(first: Uint8Array): CompressionFormat {
  if (startsWith(first, [0x1f, 0x8b])) return "gz";
  // "BZh", the block size, and the first bytes of π that begin a block.
  if (startsWith(first, [0x42, 0x5a, 0x68]) && startsWith(first.subarray(4), [0x31, 0x41])) return "bz2";
  if (startsWith(first, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return "xz";
  if (startsWith(first, [0x28, 0xb5, 0x2f, 0xfd])) return "zst";
  if (startsWith(first, [0x04, 0x22, 0x4d, 0x18])) return "lz4";
  // A skippable frame (RFC 8878, 3.1.2) may come before the first real one.
  if (first.length >= 4 && first[0]! >> 4 === 5 && startsWith(first.subarray(1), [0x2a, 0x4d, 0x18])) return "zst";
  return "none";
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);
}
