/** Short documents, which are of no use by halves. */
import { ImageDslError, gathered, isPassing, pause, waitBefore, type HttpResponse } from "../../core/index.ts";

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
