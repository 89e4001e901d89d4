/** One GET request and its answer, without retries or redirects. node:http, as it behaves alike on all runtimes. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { ticks } from "../host.ts";
import { basicAuthorization } from "./credentials.ts";
import { speedWatch, type LeastSpeed } from "./least-speed.ts";
import { SilenceError } from "./silence.ts";
import { tunnelAgent } from "./tunnel.ts";

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: URL | undefined;
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

/** `url` has no credentials and no fragment. Rejects with the system's error, or with `SilenceError`. */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange> {
  const response = await send(url, options);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: readBody(response, options),
    discard: () => void response.destroy(),
  };
}

// Agents of our own: the global ones may be changed by whoever embeds image-dsl.
const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

function send(url: URL, { signal, headers, proxy, silence }: ExchangeOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const common = { method: "GET", headers: { ...headers, host: url.host }, signal };
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, { ...common, agent: proxy ? tunnelAgent(proxy) : httpsAgent })
        : proxy
          ? httpRequest({ ...throughProxy(url, proxy, common.headers), method: "GET", signal, agent: httpAgent })
          : httpRequest(url, { ...common, agent: httpAgent });
    const timer = setTimeout(() => request.destroy(new SilenceError(silence)), silence);
    request.on("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
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

/** Only the time spent waiting for the other side counts, not the reader's own. */
async function* readBody(
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
    response.destroy();
  }
}
