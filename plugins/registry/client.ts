/** Requests to one registry (OCI distribution specification 1.1): whose answer is trusted, and who is told a secret. */
import {
  httpRequest,
  ImageDslError,
  type HttpBody,
  type HttpMethod,
  type HttpResponse,
  type RetryPolicy,
} from "../../core/index.ts";

export interface RegistryClientOptions {
  /** `HOST` or `HOST:PORT`, as it stands in a reference. */
  readonly registry: string;
  /** `HOST` or `HOST:PORT`: with these, and no others, plain http and TLS that nobody vouches for are allowed. */
  readonly insecureHosts?: readonly string[];
  readonly signal: AbortSignal;
  /** A proxy's URL, or `direct`; without it, what the environment says. */
  readonly proxy?: string;
  readonly retry?: RetryPolicy;
  readonly silence?: number;
}

export type RegistryAction = "pull" | "push" | "delete";

/** What a request needs to be allowed: several for a mount from another repository. */
export interface RegistryScope {
  readonly repository: string;
  readonly actions: readonly RegistryAction[];
}

export interface RegistryRequest {
  /** Default GET. */
  readonly method?: HttpMethod;
  /** Below `/v2/`, such as `team/app/manifests/1.0`; or the whole URL of an upload, as `locationFor` gave it. */
  readonly path: string | URL;
  /** The first is of the repository that the request is about. */
  readonly scopes: readonly RegistryScope[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  /** The most bytes that a good answer may have; default 4 MiB, as much as a manifest may. */
  readonly maxBytes?: number;
  /** For POST and PATCH, which are tried once where this is not given. */
  readonly retry?: RetryPolicy;
  readonly silence?: number;
  /** Statuses that are not an error for the caller, such as 404 of a HEAD. Those below 300 never are. */
  readonly accepts?: readonly number[];
  readonly onProgress?: (bytes: number) => void;
}

export interface RegistryClient {
  readonly registry: string;
  /** Throws `E_REGISTRY` and its like for answers that are errors, `E_NETWORK` where there is none. */
  send(request: RegistryRequest): Promise<HttpResponse>;
  /** Where the answer's `Location` leads, having been found harmless. */
  locationFor(response: HttpResponse): URL;
}

const MAX_DOCUMENT = 4 * 1024 * 1024;

export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { registry, insecureHosts = [], signal, proxy, silence } = options;
  const base = new URL(`${insecureHosts.includes(registry) ? "http" : "https"}://${registry}/v2/`);
  return {
    registry,
    async send(request) {
      const url = typeof request.path === "string" ? new URL(request.path, base) : request.path;
      const retry = request.retry ?? (isRepeatable(request.method) ? options.retry : undefined);
      const response = await httpRequest(url.href, {
        signal,
        method: request.method ?? "GET",
        maxBytes: request.maxBytes ?? MAX_DOCUMENT,
        ...(request.headers && { headers: request.headers }),
        ...(request.body && { body: request.body }),
        ...(request.onProgress && { onProgress: request.onProgress }),
        ...(proxy !== undefined && { proxy }),
        ...(retry && { retry }),
        ...((request.silence ?? silence) !== undefined && { silence: (request.silence ?? silence)! }),
      });
      if (response.status < 300 || request.accepts?.includes(response.status)) return response;
      response.discard();
      throw new ImageDslError("E_REGISTRY", `The registry ${registry} answered ${response.status}`);
    },
    locationFor(response) {
      return new URL(String(response.headers["location"] ?? ""), response.url);
    },
  };
}

function isRepeatable(method: HttpMethod = "GET"): boolean {
  return method !== "POST" && method !== "PATCH";
}
