/** Writing a stream of chunks: the next one is made while the last one is written. */
import { open } from "node:fs/promises";
import { makeParent, replaceFile } from "../store/replace-file.ts";

/**
 * Hands every chunk to `write`, one at a time and in order. While one is written the next is made, so a chunk has to
 * stay valid until the one after the next is asked for.
 */
export async function pump(
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await writing;
      writing = write(chunk);
      // Its failure is met at the next turn; until then it must not count as unhandled.
      writing.catch(() => {});
    }
  } finally {
    await writing;
  }
}

/** Writes a host file that appears whole or not at all. Mode 0666 less the umask, as any file that a program makes. */
export async function writeChunks(file: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  await makeParent(file, 0o777);
  await replaceFile(file, async (temporary) => {
    const handle = await open(temporary, "wx", 0o666);
    try {
      await pump(chunks, (chunk) => handle.writeFile(chunk), signal);
    } finally {
      await handle.close();
    }
  });
}
