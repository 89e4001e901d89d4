/** An authorization service that docker-registry believes: it signs JSON web tokens (the docker token protocol). */
import { sign, X509Certificate } from "node:crypto";
import { certificates, pem } from "../../../core/http/certificates.ts";
import { scriptedRegistry, type Exchange, type ScriptedRegistry } from "./scripted-registry.ts";

export interface TokenServerOptions {
  /** What who asks may do, from all that was asked for: `repository:NAME:ACTIONS`. Without it, everything. */
  readonly allow?: (
    scopes: readonly string[],
    exchange: Exchange,
    body: URLSearchParams,
  ) => readonly string[] | undefined;
  /** Seconds; default 300. */
  readonly life?: number;
}

export interface TokenServer extends ScriptedRegistry {
  /** For `dockerRegistry({ auth })`. */
  readonly auth: { readonly realm: string; readonly service: string; readonly rootCertificate: string };
  /** The scopes of each request that was answered with a token, joined by blanks. */
  readonly granted: readonly string[];
}

const SERVICE = "tests";

export async function tokenServer({
  allow = (scopes) => scopes,
  life = 300,
}: TokenServerOptions = {}): Promise<TokenServer> {
  const granted: string[] = [];
  const server = await scriptedRegistry({
    "* /token": async (exchange) => {
      const body = new URLSearchParams((await exchange.body()).toString());
      const asked = [...exchange.url.searchParams.getAll("scope"), ...(body.get("scope")?.split(" ") ?? [])];
      const scopes = allow(asked, exchange, body);
      if (scopes === undefined) return exchange.refuse(401, "UNAUTHORIZED", "who are you");
      granted.push(scopes.join(" "));
      return exchange.answer(200, {}, { token: signToken(scopes, life), expires_in: life });
    },
  });
  const { ca } = certificates();
  return Object.assign(server, {
    auth: { realm: `${server.url}/token`, service: SERVICE, rootCertificate: ca },
    granted,
  });
}

/** As docker-registry checks it: signed with a key whose certificate its authority signed. */
export function signToken(scopes: readonly string[], life: number): string {
  const { cert, key } = certificates();
  const seconds = Math.floor(Date.now() / 1000);
  const header = { typ: "JWT", alg: "ES256", x5c: [new X509Certificate(pem(cert)).raw.toString("base64")] };
  const access = scopes.map((scope) => {
    const [, type, name, actions] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
    return { type, name, actions: actions?.split(",") };
  });
  const times = { iat: seconds - 5, nbf: seconds - 5, exp: seconds + life };
  const claims = { iss: "tests", sub: "somebody", aud: SERVICE, jti: String(Math.random()), ...times, access };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(text), { key: pem(key), dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
