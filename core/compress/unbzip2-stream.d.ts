/** The types that the package lacks, of the parts that are used. */
declare module "unbzip2-stream/lib/bit_iterator.js" {
  export interface Bits {
    (count: number | null): number;
    readonly bytesRead: number;
  }
  /** `next` gives undefined at the end, at which reading on throws. */
  export default function bitIterator(next: () => Uint8Array | undefined): Bits;
}

declare module "unbzip2-stream/lib/bzip2.js" {
  import type { Bits } from "unbzip2-stream/lib/bit_iterator.js";
  const bzip2: {
    /** The block size in units of 100,000 bytes. */
    header(bits: Bits): number;
    /** Decodes a block and gives the checksum so far; null at the end of the stream. */
    decompress(
      bits: Bits,
      push: (byte: number) => void,
      scratch: Int32Array,
      size: number,
      checksum: number,
    ): number | null;
  };
  export default bzip2;
}
