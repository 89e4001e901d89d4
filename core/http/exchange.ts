/** One request and its answer, without retries or redirects. node:http, as it behaves alike on all runtimes. */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { ticks } from "../host.ts";
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
  readonly tls: TlsSettings | undefined;
  /** Milliseconds without a byte that are too many. */
  readonly silence: number;
  readonly leastSpeed: LeastSpeed;
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

// Agents of our own: the global ones may be changed by whoever embeds image-dsl.
const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgents = new Map<string, HttpsAgent>();

function open(url: URL, { signal, method, headers, body, proxy, tls }: ExchangeOptions): ClientRequest {
  const all = { ...headers, ...bodyHeaders(method, body), host: url.host };
  const common: RequestOptions = { method, headers: all, signal };
  if (url.protocol === "https:") {
    const agent = proxy ? tunnelAgent(proxy, tls) : directAgent(tls);
    return httpsRequest(url, { ...common, ...tlsOptions(tls), agent });
  }
  if (proxy) return httpRequest({ ...common, ...throughProxy(url, proxy, all), agent: httpAgent });
  return httpRequest(url, { ...common, agent: httpAgent });
}

/** One for each way to trust: a connection made without checking is never used by who checks. */
function directAgent(tls: TlsSettings | undefined): HttpsAgent {
  const key = JSON.stringify(tls ?? {});
  const known = httpsAgents.get(key);
  if (known) return known;
  const agent = new HttpsAgent({ keepAlive: true, ...tlsOptions(tls) });
  httpsAgents.set(key, agent);
  return agent;
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
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve).on("error", reject);
  }).finally(() => {
    isOver = true;
    clearTimeout(timer);
  });
  const sending = sendBody(request, body, { silence, leastSpeed, isOver: () => isOver }).then(() => {
    if (!isOver) timer = setTimeout(() => request.destroy(new SilenceError(silence)), silence);
  });
  let failure: unknown;
  const stopped = sending.catch((error: unknown) => {
    failure = error;
    request.destroy();
  });
  try {
    return await Promise.race([answer, stopped.then(() => answer)]);
  } catch (error) {
    // Who sends again opens the body again, but not before this one is closed.
    if (!signal.aborted) await stopped;
    // What stopped the sending is told; that no answer came follows from it.
    throw failure ?? error;
  } finally {
    answer.catch(() => {});
  }
}

/** Only the time spent waiting for the other side counts, not the reader's own. */
async function* readBody(
  request: ClientRequest,
  response: IncomingMessage,
  { silence, leastSpeed }: Pick<ExchangeOptions, "silence" | "leastSpeed">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const arrived = speedWatch(leastSpeed);
  const pieces = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
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
      if (next.done) return;
      arrived(next.value.length, ticks() - asked);
      yield next.value;
    }
  } finally {
    close(request, response);
  }
}

/** A connection on which a body was not sent, or not read, to its end cannot be used again. */
function close(request: ClientRequest, response: IncomingMessage): void {
  response.destroy();
  if (!request.writableEnded) request.destroy();
}
