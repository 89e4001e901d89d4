/** Bytes into a file that is made for them, and what they are. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { digestFromHex, type Digest } from "../model/digest.ts";

/** Nobody else may read it. Throws where the file is there already, and what `chunks` throw. */
export async function writeHashed(file: string, chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash("sha256");
  const handle = await open(file, "wx", 0o600);
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return digestFromHex(hash.digest("hex"));
}
