/** Small blobs whose bytes are there. */
import type { Blob, Descriptor } from "../../../core/index.ts";

/** Makes its bytes, by which its digest becomes known. */
export async function madeInMemory(blob: Blob): Promise<Blob> {
  const pieces: Uint8Array[] = [];
  // A chunk does not stay what it is.
  for await (const chunk of blob.open()) pieces.push(Buffer.from(chunk));
  return inMemory({ mediaType: blob.mediaType, ...(await blob.known())! }, Buffer.concat(pieces));
}

export function inMemory({ mediaType, digest, size }: Descriptor, bytes: Uint8Array): Blob {
  return {
    mediaType,
    bound: bytes.length,
    identity: digest,
    known: () => Promise.resolve({ digest, size }),
    async *open() {
      yield bytes;
    },
  };
}
