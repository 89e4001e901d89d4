/**
 * Which proxy a request goes through. No runtime's own rules are used, since each obeys other variables: lower case
 * wins over upper case, `no_proxy` lists hosts, `.domain` suffixes, `host:port` and `*`.
 */
import { ImageDslError } from "../error.ts";
import { redactUrl } from "../redact.ts";

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** The proxy for `url` as the environment says; undefined: direct. Throws `E_NETWORK` for one that is no http URL. */
export function proxyFromEnvironment(url: URL, env: ProxyEnvironment): URL | undefined {
  if (isProxyExempt(url, env)) return undefined;
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const value = variable(env, name) || variable(env, "all_proxy");
  return value === "" ? undefined : parseProxy(value, `the environment variable ${name}`);
}

/** Whether `no_proxy` names the host, wherever the proxy is from. */
export function isProxyExempt(url: URL, env: ProxyEnvironment): boolean {
  return isExempt(url, variable(env, "no_proxy"));
}

/** A proxy's URL, with or without `http://`. `origin` says where it was written. Throws `E_NETWORK`. */
export function parseProxy(text: string, origin: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    url = undefined;
  }
  if (url?.protocol !== "http:" || url.hostname === "") {
    throw new ImageDslError("E_NETWORK", `The proxy "${redactUrl(text)}" from ${origin} cannot be used`, {
      hint: "Proxies are given as http://HOST:PORT",
    });
  }
  return url;
}

function variable(env: ProxyEnvironment, name: string): string {
  return (env[name] || env[name.toUpperCase()] || "").trim();
}

function isExempt(url: URL, list: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((item) => item !== "")
    .some((item) => {
      if (item === "*") return true;
      const [, name, itemPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::([0-9]+))?$/.exec(item) ?? [];
      if (name === undefined || (itemPort !== undefined && itemPort !== port)) return false;
      const suffix = bare(name).replace(/^\*?\./, "");
      return host === suffix || host.endsWith(`.${suffix}`);
    });
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, "");
}
