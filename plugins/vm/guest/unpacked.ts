/** What lies compressed in Debian's packages: a kernel, its modules. */
import { decompress, gathered, type CompressionFormat } from "../../../core/index.ts";

/** All of it, in memory. Throws `E_COMPRESSION`. */
export function unpacked(bytes: Uint8Array, format: CompressionFormat, maxBytes: number): Promise<Buffer> {
  return gathered(decompress(one(bytes), format, { maxBytes }));
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
