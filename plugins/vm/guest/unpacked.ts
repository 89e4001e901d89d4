/** What may lie compressed in a kernel's packages: the kernel, its modules. */
import { decompress, detectCompression, gathered, oneChunk, type LimitName } from "../../../core/index.ts";

/** All of it, in memory; as it is where it is not compressed. Throws `E_COMPRESSION`. */
export function unpacked(bytes: Uint8Array, most: LimitName): Promise<Buffer> {
  return gathered(decompress(oneChunk(bytes), detectCompression(bytes), most));
}
