/**
 * Requests over HTTP and HTTPS, for all of image-dsl: proxies, redirects, retries, trust and limits in one place.
 * `get.ts` is for downloads, which go on where they stopped.
 */
import { isWithin } from "../limits/limits.ts";
import { ImageDslError } from "../error.ts";
import { answerBody, tooLarge } from "./answer-body.ts";
import { basicAuthorization, withoutCredentials } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";
import { networkError } from "./failure.ts";
import { answeringProxy, persist, type Sent } from "./persist.ts";
import { redactUrl } from "../redact.ts";
import {
  isRedirect,
  keepsMethod,
  MAX_REDIRECTS,
  redirectTarget,
  withoutBodyHeaders,
  withoutPrivate,
} from "./redirect.ts";
import type { HttpRequestOptions, HttpResponse } from "./request-options.ts";

/** Who answered in the end, and what was sent there. */
export interface Followed {
  readonly sent: Sent;
  readonly answer: Exchange;
}

/**
 * Sends a request. All answers but redirects are the caller's to judge; 429 and 5xx where they are what the last try
 * gave. Throws `E_NETWORK` with the mend, `E_ABORTED` when the signal says so, and what the body threw. Never goes
 * from https to http, and gives no credentials to another origin.
 */
export async function httpRequest(url: string, options: HttpRequestOptions): Promise<HttpResponse> {
  const { sent, answer } = await follow(url, options);
  // Why a server refuses can be read from the first bytes of a long text.
  if (answer.status < 300) refuseAnnounced(sent, answer, options);
  return toResponse({ sent, answer }, answerBody(sent.url, answer, options), options);
}

export async function follow(url: string, options: HttpRequestOptions): Promise<Followed> {
  const { method = "GET", redirects = "follow" } = options;
  let target = parseTarget(url);
  let sent: Sent = {
    url: withoutCredentials(target),
    method,
    headers: requestHeaders(target, options.headers ?? {}),
    body: options.body,
    tls: options.tls,
  };
  for (let count = 0; ; count++) {
    const answer = await persist(sent, options);
    const location = answer.headers.location;
    // Whoever answers on a socket has no say in which hosts are asked.
    const isLed = redirects !== "none" && options.socketPath === undefined;
    if (!isLed || !isRedirect(answer.status) || location === undefined) return { sent, answer };
    answer.discard();
    if (count === MAX_REDIRECTS) throw networkError(url, `more than ${MAX_REDIRECTS} redirects`);
    const next = redirectTarget(target, location);
    if (redirects !== "follow") redirects(target, next, answer.status);
    sent = redirected(sent, next, answer.status);
    target = next;
  }
}

export function toResponse(
  { sent: { url }, answer }: Followed,
  body: AsyncIterable<Uint8Array>,
  options: HttpRequestOptions,
): HttpResponse {
  const proxy = answeringProxy(url, options);
  return {
    url: url.href,
    status: answer.status,
    ...(proxy !== undefined && { proxy: redactUrl(proxy) }),
    headers: answer.headers,
    body,
    discard: () => answer.discard(),
  };
}

/** Of a HEAD the length is of what a GET would give. */
export function refuseAnnounced({ url, method }: Sent, answer: Exchange, { maxBytes }: HttpRequestOptions): void {
  const announced = answer.headers["content-length"];
  if (method === "HEAD" || announced === undefined || isWithin(maxBytes, Number(announced))) return;
  answer.discard();
  throw tooLarge(url, maxBytes);
}

function redirected(sent: Sent, next: URL, status: number): Sent {
  const url = withoutCredentials(next);
  const there =
    next.origin === sent.url.origin
      ? { ...sent, url }
      : { ...sent, url, headers: withoutPrivate(sent.headers), tls: undefined };
  if (keepsMethod(status, sent.method)) return there;
  return { ...there, method: "GET", headers: withoutBodyHeaders(there.headers), body: undefined };
}

function parseTarget(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new ImageDslError("E_NETWORK", `"${redactUrl(text)}" is not an http or https URL`);
  }
  return url!;
}

function requestHeaders(url: URL, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { "user-agent": "image-dsl", accept: "*/*", "accept-encoding": "identity" };
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = value;
  const authorization = basicAuthorization(url);
  if (authorization !== undefined) headers["authorization"] ??= authorization;
  return headers;
}
