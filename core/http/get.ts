/** Downloads: broken ones go on where they stopped when the server allows it. */
import type { ImageDslError } from "../error.ts";
import { answerBody, type GoOn } from "./answer-body.ts";
import type { Exchange } from "./exchange.ts";
import { abortedError, isPassing, networkError, wayText } from "./failure.ts";
import { answeringProxy, persist, type Sent } from "./persist.ts";
import type { HttpRequestOptions, HttpResponse } from "./request-options.ts";
import { follow, refuseAnnounced, toResponse } from "./request.ts";
import { DEFAULT_RETRY, isRetriable, patienceText, pause, waitBefore } from "./retry.ts";

/** What `httpGet` is given; it has no body and may always be tried again. */
export type HttpGetOptions = Omit<HttpRequestOptions, "method" | "body">;

/**
 * Fetches a URL. Answers other than redirects, 429 and 5xx are the caller's to judge. Throws `E_NETWORK` with the
 * mend, `E_ABORTED` when the signal says so. Never goes from https to http, and gives no credentials to another host.
 */
export async function httpGet(url: string, options: HttpGetOptions): Promise<HttpResponse> {
  const { sent, answer } = await follow(url, options);
  if (isRetriable(answer.status)) {
    answer.discard();
    throw busy(sent.url, answer, answeringProxy(sent.url, options));
  }
  refuseAnnounced(sent, answer, options);
  return toResponse({ sent, answer }, answerBody(sent.url, answer, options, theRest(sent, answer, options)), options);
}

function busy(url: URL, answer: Exchange, proxy: URL | undefined): ImageDslError {
  return networkError(url, `the server answered ${answer.status}${wayText(proxy)}`, {
    hint: `The server is busy or broken: ${patienceText(answer.headers["retry-after"])}`,
  });
}

/** Where the connection breaks, the rest comes from a further request, if it is surely of the same file. */
function theRest(sent: Sent, first: Exchange, options: HttpGetOptions): GoOn {
  const { url } = sent;
  const { signal, retry = DEFAULT_RETRY } = options;
  const validator = validatorOf(first);
  return async (received, attempt, error) => {
    const wait = isPassing(error) ? waitBefore(attempt, retry) : undefined;
    if (wait === undefined || validator === undefined) return undefined;
    await pause(wait, signal).catch(() => {
      throw abortedError(url, signal);
    });
    const headers = { ...sent.headers, range: `bytes=${received}-`, "if-range": validator };
    const rest = await persist({ ...sent, headers }, options);
    if (rest.status === 206 && rest.headers["content-range"]?.startsWith(`bytes ${received}-`)) return rest;
    rest.discard();
    return undefined;
  };
}

/** What tells that the rest belongs to the same file: a strong entity tag, else its date (RFC 9110, 13.1.5). */
function validatorOf(answer: Exchange): string | undefined {
  if (answer.status !== 200) return undefined;
  const tag = answer.headers.etag;
  return tag !== undefined && !tag.startsWith("W/") ? tag : answer.headers["last-modified"];
}
