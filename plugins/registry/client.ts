/** Requests to one registry (OCI distribution specification 1.1): whose answer is trusted, and who is told a secret. */
import {
  ImageDslError,
  httpRequest,
  patienceText,
  redactUrl,
  tlsTroubleOf,
  type HttpBody,
  type HttpMethod,
  type HttpResponse,
  type LeastSpeed,
  type Most,
  type RetryPolicy,
  type TlsSettings,
} from "../../core/index.ts";
import { authorization } from "./authorization/authorization.ts";
import { certificatesFor } from "./trust/certs-d.ts";
import { readErrorAnswer } from "./trust/error-answer.ts";
import { noRegistry } from "./no-registry.ts";
import { registryOrigin } from "./origin.ts";
import { RegistryRefusal } from "./refusal.ts";
import { isRegistry, registryHost } from "./reference.ts";
import type { RegistryScope } from "./authorization/scope.ts";
import { isInsecure, refuseUntrusted } from "./trust/trust.ts";

export type { RegistryAction, RegistryScope } from "./authorization/scope.ts";

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
  readonly leastSpeed?: LeastSpeed;
  /** Where certificates lie by registry; without it, where docker and podman look. */
  readonly certificateFolders?: readonly string[];
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
  readonly maxBytes?: Most;
  /** For POST and PATCH, which are tried once where this is not given. */
  readonly retry?: RetryPolicy;
  readonly silence?: number;
  /** Statuses that are not an error for the caller, beside those that the specification has for the method: 404 of a HEAD, … */
  readonly accepts?: readonly number[];
  readonly onProgress?: (bytes: number) => void;
}

export interface RegistryClient {
  readonly registry: string;
  /**
   * Throws `E_REGISTRY_AUTH` where the registry does not let us, `E_REGISTRY` for other answers that are errors,
   * `E_NETWORK` where there is none. A 401 is answered and the request sent once more, so its body may be opened again.
   */
  send(request: RegistryRequest): Promise<HttpResponse>;
  /** Where the answer's `Location` leads, having been found harmless. */
  locationFor(response: Pick<HttpResponse, "url" | "headers">): URL;
}

/** What the specification says that is done. Whoever answers otherwise is a web server of another kind. */
const DONE: Readonly<Record<HttpMethod, readonly number[]>> = {
  GET: [200],
  HEAD: [200],
  POST: [202],
  PUT: [201],
  // Before the specification there was none, and some registries have stayed with what they had.
  PATCH: [202, 201, 204],
  DELETE: [202],
};

const SHORT_ANSWER = 64 * 1024;

export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { registry, insecureHosts = [], signal, proxy, silence, leastSpeed, retry, certificateFolders } = options;
  const host = registryHost(registry);
  const origin = registryOrigin(host, isInsecure(new URL(`https://${host}/`), insecureHosts));
  const trust = () => ({ origin: origin.url, insecureHosts });
  // No proxy of the environment is asked for this machine: docker, podman and skopeo do the same.
  const httpFor = (url: URL) => ({
    signal,
    ...(proxy !== undefined ? { proxy } : isLoopback(url) && { proxy: "direct" }),
    ...(retry && { retry }),
    ...(silence !== undefined && { silence }),
    ...(leastSpeed && { leastSpeed }),
  });
  const settings = new Map<string, Promise<TlsSettings | undefined>>();
  const tlsFor = (url: URL) => {
    const known = settings.get(url.host) ?? readTls(url, url.host === origin.url.host ? registry : url.host);
    settings.set(url.host, known);
    return known;
  };
  const readTls = async (url: URL, name: string) => {
    // A URL's host may be what no registry is called, such as `..`.
    const own = isRegistry(name) ? await certificatesFor(name, certificateFolders) : undefined;
    return isInsecure(url, insecureHosts) ? { ...own, verify: false as const } : own;
  };
  const who = authorization({ registry, trust, signal, httpFor, tlsFor });

  async function sendOnce(request: RegistryRequest, url: URL, header: string | undefined): Promise<HttpResponse> {
    const { method = "GET", headers = {}, body, maxBytes = "registry.answer", onProgress } = request;
    const tls = await tlsFor(url);
    const isRepeatable = method !== "POST" && method !== "PATCH";
    const { retry: _, ...others } = httpFor(url);
    const policy = request.retry ?? (isRepeatable ? retry : undefined);
    try {
      return await httpRequest(url.href, {
        ...others,
        method,
        headers: { ...headers, ...(header !== undefined && { authorization: header }) },
        maxBytes,
        redirects: (from, to, status) => {
          if (method !== "GET" && method !== "HEAD" && status < 307) throw lost(registry, method, from, to);
          refuseUntrusted(to, "as the place to go on", trust());
        },
        ...(body && { body }),
        ...(onProgress && { onProgress }),
        ...(tls && { tls }),
        ...(policy && { retry: policy }),
        ...(request.silence !== undefined && { silence: request.silence }),
      });
    } catch (error) {
      throw withTlsHint(error, registry, url);
    }
  }

  /** Only the registry itself is told who we are; who else asks is not answered. */
  async function sendAuthorized(request: RegistryRequest, url: URL): Promise<HttpResponse> {
    const isOwn = url.origin === origin.url.origin;
    const header = isOwn ? await who.header(request.scopes) : undefined;
    const response = await sendOnce(request, url, header);
    if (response.status !== 401 || !isOwn || new URL(response.url).origin !== url.origin) return response;
    await finish(response);
    return sendOnce(request, url, await who.answer(response, request.scopes, header));
  }

  async function refusal(request: RegistryRequest, response: HttpResponse): Promise<ImageDslError> {
    const { words, codes } = await readErrorAnswer(response, who.secrets());
    const isAuth = response.status === 401 || response.status === 403;
    const hint = isAuth ? await who.mend(request.scopes) : hintOf(response);
    const what = `${request.method ?? "GET"} ${redactUrl(response.url)}`;
    const message = `The registry ${registry} refuses ${what} with ${words}`;
    const { status, headers } = response;
    return new RegistryRefusal(
      isAuth ? "E_REGISTRY_AUTH" : "E_REGISTRY",
      message,
      { hint },
      { status, headers, codes },
    );
  }

  return {
    registry,
    async send(request) {
      const { path, method = "GET", accepts = [] } = request;
      const response = await (typeof path === "string"
        ? origin.ask((base) => sendAuthorized(request, below(base, path)))
        : sendAuthorized(request, path));
      const { status, url } = response;
      if (DONE[method].includes(status) || accepts.includes(status)) return response;
      if (status >= 300) throw await refusal(request, response);
      response.discard();
      const wanted = `where a registry answers ${DONE[method][0]}`;
      throw noRegistry(registry, `answers ${method} ${redactUrl(url)} with ${status}, ${wanted}`);
    },
    locationFor(response) {
      const text = [response.headers["location"] ?? []].flat()[0];
      if (text === undefined || !URL.canParse(text, response.url)) {
        throw new ImageDslError("E_REGISTRY", `The registry ${registry} does not say where to go on (Location)`);
      }
      const url = new URL(text, response.url);
      url.hash = "";
      refuseUntrusted(url, "as the place to go on", trust());
      return url;
    },
  };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || /^127(?:\.[0-9]+){3}$/.test(hostname) || hostname === "[::1]";
}

function below(origin: URL, path: string): URL {
  const base = new URL("v2/", origin);
  const url = new URL(path, base);
  if (!url.href.startsWith(base.href)) throw new Error(`"${path}" is no path below /v2/`);
  return url;
}

/** Has done with an answer. A short one is read to its end, so that its connection can be used again. */
export async function finish(response: HttpResponse): Promise<void> {
  let size = 0;
  try {
    for await (const piece of response.body) if ((size += piece.length) > SHORT_ANSWER) return;
  } catch {
    response.discard();
  }
}

/** Such a redirect makes a GET of every request: what was sent would be lost, and look as if it had arrived. */
function lost(registry: string, method: HttpMethod, from: URL, to: URL): ImageDslError {
  const way = `${method} ${redactUrl(from)} on to ${redactUrl(to)}`;
  return new ImageDslError("E_REGISTRY", `The registry ${registry} sends ${way} without what was sent`, {
    hint: "Ask whoever runs the registry: it has to answer 307 or 308",
  });
}

function hintOf({ status, headers }: HttpResponse): string | undefined {
  const patience = patienceText([headers["retry-after"] ?? []].flat()[0]);
  if (status === 429) return `It limits how much may be asked: ${patience}`;
  if (status === 413) {
    return "It, or a proxy before it, takes no request of this size; whoever runs it can allow more (nginx: client_max_body_size)";
  }
  return status >= 500 ? `The registry is busy or broken: ${patience}` : undefined;
}

function withTlsHint(error: unknown, registry: string, url: URL): unknown {
  const trouble = tlsTroubleOf(error);
  if (trouble === undefined || !(error instanceof ImageDslError)) return error;
  const hint =
    trouble === "certificate"
      ? `Put the authority that signed its certificate into /etc/docker/certs.d/${registry}/ca.crt (for a client's own, NAME.cert and NAME.key), or name it in NODE_EXTRA_CA_CERTS; --insecure ${url.host} checks nothing`
      : `Where it speaks plain http and you trust your network to reach it, name it: --insecure ${url.host}`;
  return new ImageDslError(error.code, error.message, { hint, cause: error.cause });
}
