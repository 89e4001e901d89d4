/**
 * GET over HTTP and HTTPS, for all of image-dsl: proxies, redirects, retries and limits in one place. Broken downloads
 * go on where they stopped when the server allows it.
 */
import { ImageDslError } from "../error.ts";
import { environment } from "../host.ts";
import { basicAuthorization, withoutCredentials } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";
import { abortedError, connectionError, isPassing, networkError } from "./failure.ts";
import { LEAST_SPEED, type LeastSpeed } from "./least-speed.ts";
import { isProxyExempt, parseProxy, proxyFromEnvironment } from "./proxy.ts";
import { redactUrl } from "./redact.ts";
import { DEFAULT_RETRY, isRetriable, pause, waitBefore, type RetryPolicy } from "./retry.ts";

export interface HttpGetOptions {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** The most bytes that a body may have. */
  readonly maxBytes: number;
  /** Told the size of each piece as it arrives. */
  readonly onProgress?: (bytes: number) => void;
  /** A proxy's URL, or `direct`; without it, what the environment says. `no_proxy` exempts from either. */
  readonly proxy?: string;
  readonly retry?: RetryPolicy;
  /** Milliseconds of silence after which a connection counts as broken. Default 60,000. */
  readonly silence?: number;
  /** A body that comes more slowly is an error. Default 1,000 bytes a second over a minute. */
  readonly leastSpeed?: LeastSpeed;
}

export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read once. Throws `E_NETWORK` where it cannot be got whole. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Instead of reading the body. */
  discard(): void;
}

const MAX_REDIRECTS = 10;
const SILENCE = 60_000;
const PRIVATE_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * Fetches a URL. Answers other than redirects, 429 and 5xx are the caller's to judge. Throws `E_NETWORK` with the
 * mend, `E_ABORTED` when the signal says so. Never goes from https to http, and gives no credentials to another host.
 */
export async function httpGet(url: string, options: HttpGetOptions): Promise<HttpResponse> {
  let target = parseTarget(url);
  let headers = requestHeaders(target, options.headers ?? {});
  for (let redirects = 0; ; redirects++) {
    const answer = await persist(withoutCredentials(target), headers, options);
    const location = answer.headers.location;
    if (!isRedirect(answer.status) || location === undefined)
      return toResponse(withoutCredentials(target), headers, answer, options);
    answer.discard();
    if (redirects === MAX_REDIRECTS) throw networkError(url, `more than ${MAX_REDIRECTS} redirects`);
    const next = redirectTarget(target, location);
    if (next.origin !== target.origin) headers = withoutPrivate(headers);
    target = next;
  }
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

/** Sends until there is an answer that is worth returning. */
async function persist(
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: HttpGetOptions,
): Promise<Exchange> {
  const { signal, retry = DEFAULT_RETRY, silence = SILENCE, leastSpeed = LEAST_SPEED } = options;
  const proxy = proxyFor(url, options);
  for (let attempt = 1; ; attempt++) {
    let wait: number | undefined;
    try {
      if (signal.aborted) throw abortedError(url, signal);
      // Node's own modules for the network take a moment to load, and most builds need none.
      const { exchange } = await import("./exchange.ts");
      const answer = await exchange(url, { signal, headers, proxy, silence, leastSpeed });
      if (!isRetriable(answer.status)) return answer;
      answer.discard();
      wait = waitBefore(attempt, retry, answer.headers["retry-after"]);
      if (wait === undefined) throw busy(url, answer);
    } catch (error) {
      if (signal.aborted) throw abortedError(url, signal);
      if (error instanceof ImageDslError) throw error;
      wait = isPassing(error) ? waitBefore(attempt, retry) : undefined;
      if (wait === undefined) throw connectionError(url, proxy, error);
    }
    await pause(wait, signal).catch(() => {
      throw abortedError(url, signal);
    });
  }
}

function proxyFor(url: URL, { proxy }: HttpGetOptions): URL | undefined {
  if (proxy === undefined) return proxyFromEnvironment(url, environment());
  return proxy === "direct" || isProxyExempt(url, environment()) ? undefined : parseProxy(proxy, "the configuration");
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

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function redirectTarget(from: URL, location: string): URL {
  let next: URL;
  try {
    next = new URL(location, withoutCredentials(from));
  } catch (cause) {
    throw networkError(from, "it leads to something that is no URL", { cause });
  }
  if (next.protocol !== "https:" && (next.protocol !== "http:" || from.protocol === "https:")) {
    throw networkError(
      from,
      `it leads from ${from.protocol.slice(0, -1)} to ${redactUrl(next)}, which is not allowed`,
      {
        hint: "Use the address it leads to, if you trust it",
      },
    );
  }
  return next;
}

function withoutPrivate(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PRIVATE_HEADERS.has(name)));
}

function toResponse(
  url: URL,
  headers: Readonly<Record<string, string>>,
  answer: Exchange,
  options: HttpGetOptions,
): HttpResponse {
  const announced = answer.headers["content-length"];
  if (announced !== undefined && Number(announced) > options.maxBytes) {
    answer.discard();
    throw tooLarge(url, options.maxBytes);
  }
  return {
    status: answer.status,
    headers: answer.headers,
    body: readAll(url, headers, answer, options),
    discard: () => answer.discard(),
  };
}

/** The body; where the connection breaks, the rest of it from a further request. */
async function* readAll(
  url: URL,
  headers: Readonly<Record<string, string>>,
  first: Exchange,
  options: HttpGetOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
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
      answer = await persist(url, { ...headers, range: `bytes=${received}-`, "if-range": validator }, options);
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

function tooLarge(url: URL, maxBytes: number): ImageDslError {
  return networkError(url, `it is larger than the ${maxBytes} bytes that are allowed here`);
}
