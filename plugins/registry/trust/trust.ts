/**
 * What a registry may send us to. Its answers name URLs: of whom gives tokens, of where an upload goes on, of where a
 * blob lies. Whoever writes them may want a layer, a secret, or a request inside our network.
 */
import { ImageDslError, isInnerHost, redactUrl } from "../../../core/index.ts";

export interface Trust {
  /** Of the registry itself. */
  readonly origin: URL;
  /** `HOST` or `HOST:PORT` that the user called insecure. */
  readonly insecureHosts: readonly string[];
}

/**
 * Throws `E_REGISTRY` for a URL that is neither https nor of a host named insecure, that has a user in it, or that is
 * inside this machine or its network, where the registry is not that very host.
 */
export function refuseUntrusted(url: URL, what: string, trust: Trust): void {
  const refuse = (why: string, hint?: string) => {
    const message = `The registry ${trust.origin.host} names ${redactUrl(url)} ${what}, which is refused: ${why}`;
    return new ImageDslError("E_REGISTRY", message, { hint });
  };
  const isNamed = isInsecure(url, trust.insecureHosts);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || !isNamed)) {
    throw refuse("it is not https", `If you trust your network to reach it, name it: --insecure ${url.host}`);
  }
  if (url.protocol === "http:" && trust.origin.protocol === "https:") {
    throw refuse(
      "it leads from https to http",
      "Whoever runs the registry has to make it say https (X-Forwarded-Proto)",
    );
  }
  if (url.username !== "" || url.password !== "") throw refuse("it has a user in it");
  if (url.host !== trust.origin.host && !isNamed && isInnerHost(url.hostname)) {
    throw refuse(
      "it is inside this machine or its network, and another host than the registry",
      `If it belongs to the registry, name it: --insecure ${url.host}`,
    );
  }
}

export function isInsecure(url: URL, insecureHosts: readonly string[]): boolean {
  return insecureHosts.some((host) => {
    const text = `${url.protocol}//${host}/`;
    return URL.canParse(text) && new URL(text).host === url.host;
  });
}
