/** Downloads: broken ones go on where they stopped when the server allows it. */
import { ImageDslError } from "../error.ts";
import type { Exchange } from "./exchange.ts";
import { abortedError, connectionError, isPassing, networkError } from "./failure.ts";
import { persist, proxyFor, type Sent } from "./persist.ts";
import type { HttpRequestOptions, HttpResponse } from "./request-options.ts";
import { follow, refuseAnnounced, toResponse, tooLarge } from "./request.ts";
import { DEFAULT_RETRY, isRetriable, pause, waitBefore } from "./retry.ts";

export type HttpGetOptions = Omit<HttpRequestOptions, "method" | "body">;

/**
 * Fetches a URL. Answers other than redirects, 429 and 5xx are the caller's to judge. Throws `E_NETWORK` with the
 * mend, `E_ABORTED` when the signal says so. Never goes from https to http, and gives no credentials to another host.
 */
export async function httpGet(url: string, options: HttpGetOptions): Promise<HttpResponse> {
  const { sent, answer } = await follow(url, options);
  if (isRetriable(answer.status)) {
    answer.discard();
    throw busy(sent.url, answer);
  }
  refuseAnnounced(sent, answer, options);
  return toResponse(sent, answer, readAll(sent, answer, options));
}

function busy(url: URL, answer: Exchange): ImageDslError {
  const after = answer.headers["retry-after"];
  return networkError(
    url,
    `the server answered ${answer.status}${after === undefined ? "" : `, try again after ${after}`}`,
    {
      hint: "The server is busy or broken: try again later",
    },
  );
}

/** The body; where the connection breaks, the rest of it from a further request. */
async function* readAll(
  sent: Sent,
  first: Exchange,
  options: HttpGetOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { url } = sent;
  const { signal, maxBytes, onProgress, retry = DEFAULT_RETRY } = options;
  let received = 0;
  let answer = first;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const piece of answer.body) {
        received += piece.length;
        if (received > maxBytes) throw tooLarge(url, maxBytes);
        onProgress?.(piece.length);
        yield piece;
      }
      return;
    } catch (error) {
      if (signal.aborted) throw abortedError(url, signal);
      if (error instanceof ImageDslError) throw error;
      const wait = isPassing(error) ? waitBefore(attempt, retry) : undefined;
      const validator = validatorOf(first);
      if (wait === undefined || validator === undefined) throw connectionError(url, proxyFor(url, options), error);
      await pause(wait, signal).catch(() => {
        throw abortedError(url, signal);
      });
      const headers = { ...sent.headers, range: `bytes=${received}-`, "if-range": validator };
      answer = await persist({ ...sent, headers }, options);
      if (answer.status !== 206 || !answer.headers["content-range"]?.startsWith(`bytes ${received}-`)) {
        answer.discard();
        throw connectionError(url, proxyFor(url, options), error);
      }
    }
  }
}

/** What tells that the rest belongs to the same file: a strong entity tag, else its date (RFC 9110, 13.1.5). */
function validatorOf(answer: Exchange): string | undefined {
  if (answer.status !== 200) return undefined;
  const tag = answer.headers.etag;
  return tag !== undefined && !tag.startsWith("W/") ? tag : answer.headers["last-modified"];
}
