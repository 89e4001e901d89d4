/** Where a redirect may lead, and what goes there (RFC 9110, 15.4). */
import { withoutCredentials } from "./credentials.ts";
import { networkError } from "./failure.ts";
import { redactUrl } from "../redact.ts";

export const MAX_REDIRECTS = 10;

const PRIVATE_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);
const OF_THE_BODY = /^(content-|transfer-encoding$)/;

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Throws `E_NETWORK` where it leads from https to http, or to something that is neither. */
export function redirectTarget(from: URL, location: string): URL {
  let next: URL;
  try {
    next = new URL(location, withoutCredentials(from));
  } catch (cause) {
    throw networkError(from, "it leads to something that is no URL", { cause });
  }
  if (next.protocol !== "https:" && (next.protocol !== "http:" || from.protocol === "https:")) {
    throw networkError(
      from,
      `it leads from ${from.protocol.slice(0, -1)} to ${redactUrl(next)}, which is not allowed`,
      {
        hint: "Use the address it leads to, if you trust it",
      },
    );
  }
  return next;
}

/** 307 and 308 repeat the request; after the others it is a GET without a body, unless it was a HEAD. */
export function keepsMethod(status: number, method: string): boolean {
  return status === 307 || status === 308 || method === "GET" || method === "HEAD";
}

/** What another host must not see. */
export function withoutPrivate(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PRIVATE_HEADERS.has(name)));
}

export function withoutBodyHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_BODY.test(name)));
}
