/** One request, sent until there is an answer: passing failures and busy servers are tried again. */
import { ImageDslError } from "../error.ts";
import { environment } from "../host.ts";
import type { Exchange } from "./exchange.ts";
import { abortedError, connectionError, isPassing } from "./failure.ts";
import { LEAST_SPEED, longestWait } from "./least-speed.ts";
import { isProxyExempt, parseProxy, proxyFromEnvironment } from "./proxy.ts";
import type { HttpMethod, HttpRequestOptions } from "./request-options.ts";
import { DEFAULT_RETRY, isRetriable, pause, waitBefore, type RetryPolicy } from "./retry.ts";
import type { HttpBody } from "./send-body.ts";
import type { TlsSettings } from "./tls.ts";

const SILENCE = 60_000;
const ONCE: RetryPolicy = { attempts: 1, delay: 0 };
/** Too many requests: this one was not even begun, so it may be sent again whatever it is. */
const REFUSED = 429;

export interface Sent {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody | undefined;
  readonly tls: TlsSettings | undefined;
}

/** The last answer, though the server be busy; throws `E_NETWORK` where there is none, `E_ABORTED`, or what the body threw. */
export async function persist(sent: Sent, options: HttpRequestOptions): Promise<Exchange> {
  const { url } = sent;
  const { signal, silence = SILENCE, leastSpeed = LEAST_SPEED, socketPath } = options;
  const retry = options.retry ?? (isRepeatable(sent.method) ? DEFAULT_RETRY : ONCE);
  const proxy = proxyFor(url, options);
  for (let attempt = 1; ; attempt++) {
    let wait: number | undefined;
    try {
      if (signal.aborted) throw abortedError(url, signal);
      // Node's own modules for the network take a moment to load, and most builds need none.
      const { exchange } = await import("./exchange.ts");
      const answer = await exchange(url, {
        ...sent,
        signal,
        proxy,
        silence,
        leastSpeed,
        longestWait: longestWait(options.maxBytes),
        socketPath,
      });
      if (!isRetriable(answer.status)) return answer;
      const policy = answer.status === REFUSED ? (options.retry ?? DEFAULT_RETRY) : retry;
      wait = waitBefore(attempt, policy, answer.headers["retry-after"]);
      if (wait === undefined) return answer;
      answer.discard();
    } catch (error) {
      if (signal.aborted) throw abortedError(url, signal);
      if (error instanceof ImageDslError) throw error;
      if (isOfBody(error)) throw error.cause;
      wait = isPassing(error) ? waitBefore(attempt, retry) : undefined;
      if (wait === undefined) throw connectionError(url, proxy, error);
    }
    await pause(wait, signal).catch(() => {
      throw abortedError(url, signal);
    });
  }
}

/** What may be done twice is tried again without being told; the rest only where the caller knows it to be harmless. */
function isRepeatable(method: HttpMethod): boolean {
  return method !== "POST" && method !== "PATCH";
}

/** The proxy that may have answered in the server's place. */
export function answeringProxy(url: URL, options: HttpRequestOptions): URL | undefined {
  return url.protocol === "http:" ? proxyFor(url, options) : undefined;
}

export function proxyFor(
  url: URL,
  { proxy, socketPath }: Pick<HttpRequestOptions, "proxy" | "socketPath">,
): URL | undefined {
  if (socketPath !== undefined) return undefined;
  if (proxy === undefined) return proxyFromEnvironment(url, environment());
  return proxy === "direct" || isProxyExempt(url, environment()) ? undefined : parseProxy(proxy, "the configuration");
}

/** By its name: the module of the class is loaded with the network only. */
function isOfBody(error: unknown): error is Error {
  return error instanceof Error && error.name === "BodyError";
}
