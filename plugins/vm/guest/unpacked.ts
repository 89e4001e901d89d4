/** What lies compressed in Debian's packages: a kernel, its modules. */
import { decompress, gathered, oneChunk, type CompressionFormat } from "../../../core/index.ts";

/** All of it, in memory. Throws `E_COMPRESSION`. */
export function unpacked(bytes: Uint8Array, format: CompressionFormat, maxBytes: number): Promise<Buffer> {
  return gathered(decompress(oneChunk(bytes), format, { maxBytes }));
}
