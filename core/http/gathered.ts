/** All of a body in memory: for one whose size is bounded by who sends it on. */

const FIRST_ROOM = 16 * 1024;

/** Into one buffer that grows: millions of pieces of a byte would be a hundred times as large. */
export async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  let whole = Buffer.allocUnsafe(FIRST_ROOM);
  let used = 0;
  for await (const piece of body) {
    if (used + piece.length > whole.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * whole.length, used + piece.length));
      whole.copy(larger, 0, 0, used);
      whole = larger;
    }
    whole.set(piece, used);
    used += piece.length;
  }
  return whole.subarray(0, used);
}
