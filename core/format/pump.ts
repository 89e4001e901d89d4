/** Writing a stream of chunks: the next one is made while the last one is written. */
/** Small chunks are joined up to this many bytes: each write costs as much as copying them. */
const GATHERED = 512 * 1024;

/**
 * Hands all bytes to `write`, one piece at a time and in order. While one is written the next is made, so a chunk has
 * to stay valid until the one after the next is asked for.
 */
export async function pump(
  chunks: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const small = new Uint8Array(GATHERED);
  let used = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await writing;
      if (used + chunk.length <= GATHERED) {
        small.set(chunk, used);
        used += chunk.length;
        continue;
      }
      writing = writeBoth(small.subarray(0, used), chunk);
      used = 0;
      // Its failure is met at the next turn; until then it must not count as unhandled.
      writing.catch(() => {});
    }
  } finally {
    await writing;
  }
  await writeBoth(small.subarray(0, used), EMPTY);

  async function writeBoth(first: Uint8Array, second: Uint8Array): Promise<void> {
    if (first.length > 0) await write(first);
    if (second.length > 0) await write(second);
  }
}

const EMPTY = new Uint8Array(0);
