/** A file that a guest swaps to, which holds what it writes where its memory cannot: sparse, with the header that mkswap writes. */
import { open } from "node:fs/promises";

const PAGE = 4096;

/** `bytes`: whole pages. */
export async function makeSwap(file: string, bytes: number): Promise<void> {
  const header = Buffer.alloc(PAGE);
  header.writeUInt32LE(1, 1024); // version
  header.writeUInt32LE(bytes / PAGE - 1, 1028); // last page
  header.write("SWAPSPACE2", PAGE - 10, "latin1");
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(header);
    await handle.truncate(bytes);
  } finally {
    await handle.close();
  }
}
