/** Writing a stream of chunks to a host file that appears whole or not at all. */
import { closeSync, openSync, writeSync } from "node:fs";
import { makeParent, replaceFile } from "../store/replace-file.ts";

/** Chunks are written before the next one is asked for. Mode 0644 less the umask, as any file a program makes. */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  await makeParent(file, 0o777);
  await replaceFile(file, async (temporary) => {
    const descriptor = openSync(temporary, "wx", 0o666);
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        for (let written = 0; written < chunk.length;) written += writeSync(descriptor, chunk, written);
      }
    } finally {
      closeSync(descriptor);
    }
  });
}
