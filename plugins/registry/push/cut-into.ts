/** A stream in pieces of one size: while one is used, the next is gathered. */

/**
 * All but the last are of `size` bytes; that one is smaller, unless the stream ends at a piece's end. No bytes are one piece
 * of none. A piece stays what it is until the next is asked for. `expected`: how many bytes there may be in all.
 */
export async function* cutInto(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  expected: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  const own: Buffer[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  let count = 0;

  /** The piece before the last one is used no more when a new one is gathered. */
  async function gather(): Promise<Uint8Array> {
    const turn = count++ % 2;
    // Many small layers are sent at a time, and a whole piece for each would be most of the memory that a push takes.
    own[turn] ??= expected < size / SMALL ? Buffer.allocUnsafeSlow(expected) : whole(size);
    let used = 0;
    for (;;) {
      if (rest.length === 0) {
        const next = await iterator.next();
        if (next.done) return own[turn].subarray(0, used);
        rest = next.value;
      }
      const piece = own[turn];
      if (used + rest.length > piece.length && piece.length < size) {
        own[turn] = whole(size);
        own[turn].set(piece.subarray(0, used));
      }
      const part = rest.subarray(0, size - used);
      own[turn].set(part, used);
      used += part.length;
      rest = rest.subarray(part.length);
      if (used === size) return own[turn];
    }
  }

  let next = gather();
  next.catch(() => {});
  try {
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
    // It may still write to a piece.
    await next.catch(() => {});
    free.push(...own.filter((piece) => piece.length === size).slice(0, MAX_FREE - free.length));
  }
}

/** This part of a piece: larger memory is kept, as garbage it would be collected late. */
const SMALL = 8;

/** Those that are used again. */
const free: Buffer[] = [];
const MAX_FREE = 4;

function whole(size: number): Buffer {
  const found = free.findIndex(({ length }) => length === size);
  return found < 0 ? Buffer.allocUnsafeSlow(size) : free.splice(found, 1)[0]!;
}
