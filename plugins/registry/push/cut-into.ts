/** A stream in pieces of one size: while one is used, the next is gathered. */

/**
 * All but the last are of `size` bytes; that one is smaller, unless the stream ends at a piece's end. No bytes are one piece
 * of none. A piece stays what it is; two are in memory.
 */
export async function* cutInto(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);

  async function gather(): Promise<Uint8Array> {
    const piece = Buffer.alloc(size);
    let used = 0;
    for (;;) {
      const part = rest.subarray(0, size - used);
      piece.set(part, used);
      used += part.length;
      rest = rest.subarray(part.length);
      if (used === size) return piece;
      const next = await iterator.next();
      if (next.done) return piece.subarray(0, used);
      rest = next.value;
    }
  }

  try {
    let next = gather();
    for (let isFirst = true; ; isFirst = false) {
      const piece = await next;
      if (piece.length > 0 || isFirst) {
        if (piece.length === size) {
          next = gather();
          // Its failure is met in its turn; until then it must not count as unhandled.
          next.catch(() => {});
        }
        yield piece;
      }
      if (piece.length < size) return;
    }
  } finally {
    await iterator.return?.();
  }
}
