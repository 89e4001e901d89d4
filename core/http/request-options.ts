/** What a request is given, and what it gives. */
import type { Most } from "../limits/limits.ts";
import type { LeastSpeed } from "./least-speed.ts";
import type { RetryPolicy } from "./retry.ts";
import type { HttpBody } from "./send-body.ts";
import type { TlsSettings } from "./tls.ts";

/** Those that are used; POST and PATCH are not tried again by themselves. */
export type HttpMethod = "GET" | "HEAD" | "PUT" | "DELETE" | "POST" | "PATCH";

/** How one request is made, in how much time, and what it may bring. */
export interface HttpRequestOptions {
  /** Once it fires, the request and its body end with the signal's reason. */
  readonly signal: AbortSignal;
  /** Default GET. */
  readonly method?: HttpMethod;
  /** A redirect to another origin gets none of `authorization`, `cookie` and `proxy-authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, or a stream that can be opened once for each try; none by default. */
  readonly body?: HttpBody;
  /** The most bytes that the answer's body may have. */
  readonly maxBytes: Most;
  /** Told the size of each piece of the answer's body as it arrives. */
  readonly onProgress?: (bytes: number) => void;
  /** A proxy's URL, or `direct`; without it, what the environment says. `no_proxy` exempts from either. */
  readonly proxy?: string;
  /** Default: four tries, but one of POST and PATCH, which may have been done although no answer came; a 429 is tried again. */
  readonly retry?: RetryPolicy;
  /** Milliseconds of silence after which a connection counts as broken, sending or waiting. Default 60,000. */
  readonly silence?: number;
  /** A body, of either side, that moves more slowly is an error. Default 1,000 bytes a second over a minute. */
  readonly leastSpeed?: LeastSpeed;
  /** `none`: a redirect is an answer like others. A function may throw what it has against one. Default `follow`. */
  readonly redirects?: "follow" | "none" | ((from: URL, to: URL, status: number) => void);
  /** A Unix socket that is connected to in place of the URL's host: no proxy is asked, and a redirect is an answer like others. */
  readonly socketPath?: string;
  /** For the URL's own origin only: whom a redirect leads to is trusted as everybody is. */
  readonly tls?: TlsSettings;
}

/** An answer whose body is still to be read or discarded, since it holds a connection. */
export interface HttpResponse {
  /** Whose answer it is, after redirects; without credentials. */
  readonly url: string;
  /** 404 is an answer like others; `httpGet` throws `E_NETWORK` for 429 and most of 5xx. */
  readonly status: number;
  /** The proxy that the answer may be of, for messages; one that carries TLS cannot answer itself. */
  readonly proxy?: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read once. Throws `E_NETWORK` where it cannot be got whole. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Instead of reading the body. */
  discard(): void;
}
