/** How the other side of a TLS connection is trusted, and what it may ask of us. */
import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type ConnectionOptions } from "node:tls";
import { environment, runtime } from "../host.ts";

/** Texts in PEM. */
export interface TlsSettings {
  /** Authorities beside those that are trusted anyway. */
  readonly ca?: string;
  /** The certificate and key that a server may ask for. */
  readonly cert?: string;
  /** Of `cert`, without a passphrase. */
  readonly key?: string;
  /** Whoever answers is believed. */
  readonly verify?: false;
}

/**
 * For an agent: on Node, whose TLS would read all authorities anew for each connection (17 ms), they are read once; and not
 * at all where whoever answers is believed.
 */
export function tlsOptions({ ca, cert, key, verify }: TlsSettings = {}): ConnectionOptions {
  const shown = {
    ...(verify === false && runtime() === "node" && { ca: [] }),
    ...(ca !== undefined && { ca: [...rootCertificates, ...extraAuthorities(), ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  const isPlain = runtime() !== "node" || Object.keys(shown).length === 0;
  return {
    ...(isPlain ? shown : { secureContext: createSecureContext(shown) }),
    ...(verify === false && { rejectUnauthorized: false }),
  };
}

/** Deno forgets NODE_EXTRA_CA_CERTS where TLS runs over a socket that is already open (seen with 2.9.6). */
export function withForgotten(options: ConnectionOptions): ConnectionOptions {
  const extra = runtime() === "deno" && options.ca === undefined ? extraAuthorities() : [];
  return extra.length === 0 ? options : { ...options, ca: [...rootCertificates, ...extra] };
}

/** Those of NODE_EXTRA_CA_CERTS, which no longer count where authorities are given. */
function extraAuthorities(): readonly string[] {
  const file = environment()["NODE_EXTRA_CA_CERTS"];
  if (!file) return [];
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    // As Node does with a file that cannot be read; the certificate's own error will follow.
    return [];
  }
}
