/** Short documents, which are of no use by halves. */
import { ImageDslError, isPassing, pause, waitBefore, type HttpResponse } from "../../core/index.ts";

const RETRY = { attempts: 4, delay: 500 };

/** The answer with all of its body; one that broke off is asked for anew. Throws `E_NETWORK`, and what `send` throws. */
export async function wholeAnswer(
  send: () => Promise<HttpResponse>,
  signal: AbortSignal,
): Promise<{ readonly response: HttpResponse; readonly bytes: Buffer }> {
  for (let attempt = 1; ; attempt++) {
    const response = await send();
    try {
      return { response, bytes: await gathered(response.body) };
    } catch (error) {
      const isBroken = error instanceof ImageDslError && error.code === "E_NETWORK" && isPassing(error.cause);
      const wait = isBroken ? waitBefore(attempt, RETRY) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, signal);
    }
  }
}

/** Into one buffer that grows: millions of pieces of a byte would be a hundred times as large. */
async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  let whole = Buffer.allocUnsafe(16 * 1024);
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
