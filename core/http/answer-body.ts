/** The body of an answer as it is handed on: bounded, told of as it comes, and failures in words. */
import { ImageDslError } from "../error.ts";
import { beyond, isWithin, type Most } from "../limits/limits.ts";
import type { Exchange } from "./exchange.ts";
import { abortedError, connectionError, networkError } from "./failure.ts";
import { proxyFor } from "./persist.ts";
import type { HttpRequestOptions } from "./request-options.ts";

/** Who gives the rest where an answer broke off after `received` bytes, the `attempt`th time; undefined: nobody. */
export type GoOn = (received: number, attempt: number, error: unknown) => Promise<Exchange | undefined>;

/** Throws `E_NETWORK` where it cannot be got whole or is too long, `E_ABORTED`, and what `goOn` throws. */
export async function* answerBody(
  url: URL,
  first: Exchange,
  options: HttpRequestOptions,
  goOn: GoOn = () => Promise.resolve(undefined),
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal, maxBytes, onProgress } = options;
  let received = 0;
  let answer = first;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const piece of answer.body) {
        received += piece.length;
        if (!isWithin(maxBytes, received)) throw tooLarge(url, maxBytes);
        onProgress?.(piece.length);
        yield piece;
      }
      return;
    } catch (error) {
      if (signal.aborted) throw abortedError(url, signal);
      if (error instanceof ImageDslError) throw error;
      const next = await goOn(received, attempt, error);
      if (next === undefined) throw connectionError(url, proxyFor(url, options), error);
      answer = next;
    }
  }
}

export function tooLarge(url: URL, maxBytes: Most): ImageDslError {
  return networkError(url, `it has ${beyond(maxBytes)}`);
}
