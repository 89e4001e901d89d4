/** What can go wrong on the network, in words, and whether trying again may help. */
import { ImageDslError, messageOf, systemCodeOf, type ErrorDetails } from "../error.ts";
import { SlownessError } from "./least-speed.ts";
import { SilenceError } from "./silence.ts";
import { redactUrl } from "../redact.ts";

const PASSING = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "ERR_STREAM_PREMATURE_CLOSE",
]);
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_TLS|UnknownIssuer/;
const PROTOCOL = /^(EPROTO|ERR_SSL_.*)$|InvalidContentType|wrong version number|corrupt message/;

export function networkError(url: URL | string, what: string, details: ErrorDetails = {}): ImageDslError {
  return new ImageDslError("E_NETWORK", `Cannot fetch ${redactUrl(url)}: ${what}`, details);
}

/** The user's interruption, as an error with its own code. */
export function abortedError(url: URL | string, signal: AbortSignal): ImageDslError {
  if (signal.reason instanceof ImageDslError) return signal.reason;
  return new ImageDslError("E_ABORTED", `Interrupted while fetching ${redactUrl(url)}`, { cause: signal.reason });
}

/** Whether a failed connection may succeed when tried again soon. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof SilenceError || PASSING.has(systemCodeOf(thrown) ?? "");
}

/** Whether the rest of what broke off may come to who asks for it: what came too slowly counts, as another connection may do better. */
export function isBrokenOff(thrown: unknown): boolean {
  return isPassing(thrown) || thrown instanceof SlownessError;
}

/** The `E_NETWORK` for a connection that failed, with the mend for its cause. */
export function connectionError(url: URL, proxy: URL | undefined, thrown: unknown): ImageDslError {
  const code = systemCodeOf(thrown) ?? "";
  return networkError(url, `${describe(code, thrown)}${wayText(proxy)}`, {
    hint: hintFor(code, proxy, thrown),
    cause: thrown,
  });
}

/** Behind what went wrong: the mend may be there. */
export function wayText(proxy: URL | string | undefined): string {
  return proxy === undefined ? "" : ` (through the proxy ${redactUrl(proxy)})`;
}

/** What a connection with TLS failed of; undefined for all else. `certificate`: either side's is not taken. */
export function tlsTroubleOf(error: unknown): "certificate" | "protocol" | undefined {
  if (!(error instanceof ImageDslError) || error.code !== "E_NETWORK" || error.cause === undefined) return undefined;
  const signs = `${systemCodeOf(error.cause) ?? ""} ${messageOf(error.cause)}`;
  if (CERTIFICATE.test(signs)) return "certificate";
  return PROTOCOL.test(signs) ? "protocol" : undefined;
}

function describe(code: string, thrown: unknown): string {
  switch (code) {
    case "ENOTFOUND":
      return "the host's name is not known";
    case "EAI_AGAIN":
      return "the host's name could not be looked up";
    case "ECONNREFUSED":
      return "the connection was refused";
    case "ECONNRESET":
      return "the connection was closed";
    default:
      return messageOf(thrown) || code || "the connection failed";
  }
}

function hintFor(code: string, proxy: URL | undefined, thrown: unknown): string {
  if (thrown instanceof SlownessError) return "Try again later, or name another mirror";
  if (CERTIFICATE.test(code)) {
    return "Where an authority of your own signs certificates, name its file: NODE_EXTRA_CA_CERTS=FILE";
  }
  if (proxy) return "Check the proxy, or name this host in no_proxy";
  return "Check the network; where a proxy is needed, set http_proxy and https_proxy";
}
