/** How a file of the host, or a stretch of one, is compressed. */
import { openRegular } from "../regular-file.ts";
import { DETECT_BYTES, detectCompression, type CompressionFormat } from "./detect.ts";

/** By the first bytes from `offset` on, of which `size` belong to it. Throws the system's error, and one for what is no regular file. */
export async function compressionOfFile(file: string, offset = 0, size = DETECT_BYTES): Promise<CompressionFormat> {
  const handle = await openRegular(file);
  try {
    const first = Buffer.alloc(Math.min(DETECT_BYTES, size));
    const { bytesRead } = await handle.read(first, 0, first.length, offset);
    return detectCompression(first.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
