/** One request and its answer, without retries or redirects. node:http, as it behaves alike on all runtimes. */
import { setMaxListeners } from "node:events";
import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { runtime, ticks } from "../host.ts";
import { basicAuthorization } from "./credentials.ts";
import { speedWatch, type LeastSpeed } from "./least-speed.ts";
import { bodyHeaders, sendBody, type HttpBody } from "./send-body.ts";
import { SilenceError } from "./silence.ts";
import { tlsOptions, type TlsSettings } from "./tls.ts";
import { tunnelAgent } from "./tunnel.ts";

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody | undefined;
  readonly proxy: URL | undefined;
  /** Connected to in place of the URL's host. */
  readonly socketPath: string | undefined;
  readonly tls: TlsSettings | undefined;
  /** Milliseconds without a byte that are too many. */
  readonly silence: number;
  readonly leastSpeed: LeastSpeed;
  /** Milliseconds that the answer's body may be waited for in all. */
  readonly longestWait: number;
}

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** To be read once. Throws where the connection breaks before the announced end. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection without reading on. */
  discard(): void;
}

/**
 * `url` has no credentials and no fragment. An answer that comes while the body is still sent ends the sending.
 * Rejects with the system's error, with `SilenceError`, or with `BodyError`.
 */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange> {
  const request = open(url, options);
  const response = await answered(request, options);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: readBody(request, response, options),
    discard: () => close(request, response),
  };
}

function open(url: URL, { signal, method, headers, body, proxy, socketPath, tls }: ExchangeOptions): ClientRequest {
  // Said also where it is not made use of: servers that were told to close do so with the answer still on its way.
  const all = { ...headers, ...bodyHeaders(method, body), host: url.host, connection: "keep-alive" };
  const common: RequestOptions = { method, headers: all, signal };
  const keepAlive = mayShareConnection(method);
  // As many requests as are under way listen to it; that is no leak.
  setMaxListeners(0, signal);
  if (url.protocol === "https:") {
    return httpsRequest(url, { ...common, agent: tlsAgent(proxy, tls, keepAlive) });
  }
  const agent = (httpAgents[String(keepAlive)] ??= new HttpAgent({ keepAlive }));
  if (socketPath !== undefined) {
    return httpRequest({ ...common, socketPath, path: `${url.pathname}${url.search}`, agent });
  }
  if (proxy) return httpRequest({ ...common, ...throughProxy(url, proxy, all), agent });
  return httpRequest(url, { ...common, agent });
}

// Agents of our own: the global ones may be changed by whoever embeds image-dsl.
const httpAgents: Record<string, HttpAgent> = {};
const httpsAgents = new Map<string, HttpsAgent>();

/** One for each proxy and each way to trust: a connection made without checking is never used by who checks. */
function tlsAgent(proxy: URL | undefined, tls: TlsSettings | undefined, keepAlive: boolean): HttpsAgent {
  const key = JSON.stringify([proxy?.href, tls, keepAlive]);
  const known = httpsAgents.get(key);
  if (known) return known;
  const options = { keepAlive, ...tlsOptions(tls) };
  const agent = proxy ? tunnelAgent(proxy, options) : new HttpsAgent(options);
  httpsAgents.set(key, agent);
  return agent;
}

/**
 * Deno sends a request again by itself when a connection that was used before is closed without an answer (seen with
 * 2.9.6), whatever the method. What must not be done twice has a connection of its own there.
 */
function mayShareConnection(method: string): boolean {
  return runtime() !== "deno" || (method !== "POST" && method !== "PATCH");
}

/** Plain HTTP through a proxy: the whole URL is the request's target (RFC 9112, 3.2.2). */
function throughProxy(url: URL, proxy: URL, headers: Readonly<Record<string, string>>) {
  const authorization = basicAuthorization(proxy);
  return {
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port || "80",
    path: url.href,
    headers: authorization ? { ...headers, "proxy-authorization": authorization } : headers,
  };
}

async function answered(request: ClientRequest, options: ExchangeOptions): Promise<IncomingMessage> {
  const { signal, body, silence, leastSpeed } = options;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let fail: (reason: unknown) => void = () => {};
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    // Deno tells nobody of a request that is destroyed on a connection that was used before (seen with 2.9.6).
    fail = (reason) => {
      reject(reason as Error);
      request.destroy();
    };
    request.on("response", resolve).on("error", fail);
  }).finally(() => {
    isOver = true;
    clearTimeout(timer);
  });
  const sending = sendBody(request, body, { silence, leastSpeed, isOver: () => isOver }).then(() => {
    if (!isOver) timer = setTimeout(() => fail(new SilenceError(silence)), silence);
  }, fail);
  try {
    return await answer;
  } catch (error) {
    // Who sends again opens the body again, but not before this one is closed.
    if (!signal.aborted) await sending;
    throw error;
  }
}

/** Only the time spent waiting for the other side counts, not the reader's own. */
async function* readBody(
  request: ClientRequest,
  response: IncomingMessage,
  { silence, leastSpeed, longestWait }: Pick<ExchangeOptions, "silence" | "leastSpeed" | "longestWait">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const arrived = speedWatch(leastSpeed, longestWait);
  const pieces = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let ended = false;
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(new SilenceError(silence)), silence);
      const asked = ticks();
      let next: IteratorResult<Uint8Array>;
      try {
        next = await pieces.next();
      } finally {
        clearTimeout(timer);
      }
      if (next.done) {
        ended = true;
        return;
      }
      arrived(next.value.length, ticks() - asked);
      yield next.value;
    }
  } finally {
    // A connection on which a body was not sent, or not read, to its end cannot be used again.
    if (!ended || !request.writableEnded) close(request, response);
  }
}

function close(request: ClientRequest, response: IncomingMessage): void {
  response.destroy();
  if (!request.writableEnded) request.destroy();
}
