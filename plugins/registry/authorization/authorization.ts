/**
 * Who we say that we are, to one registry. Nothing is said before it asks. One request for a token serves all who need
 * the same, however many wait; an old token is replaced when the registry no longer takes it, or before it expires.
 */
import {
  ImageDslError,
  now,
  type HttpRequestOptions,
  type HttpResponse,
  type TlsSettings,
} from "../../../core/index.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import type { Credential } from "./credentials/credential.ts";
import { findCredential, type CredentialSearch } from "./credentials/find.ts";
import { covers, scopeTexts, type RegistryScope } from "./scope.ts";
import { basicHeader, requestToken, type Token } from "./token.ts";
import { refuseUntrusted, type Trust } from "../trust/trust.ts";

export interface AuthorizationOptions {
  /** As references have it: what credentials are kept by. */
  readonly registry: string;
  readonly trust: () => Trust;
  readonly signal: AbortSignal;
  readonly httpFor: (
    url: URL,
  ) => Omit<HttpRequestOptions, "maxBytes" | "method" | "body" | "headers" | "redirects" | "tls">;
  /** How the host of an authorization service is trusted. */
  readonly tlsFor: (url: URL) => Promise<TlsSettings | undefined>;
}

export interface Authorization {
  /** What the registry is known to want for these scopes; undefined as long as it has not asked. */
  header(scopes: readonly RegistryScope[]): Promise<string | undefined>;
  /** What to send after a 401 to a request with the header `refused`. Throws `E_REGISTRY_AUTH` where nothing is left. */
  answer(response: HttpResponse, scopes: readonly RegistryScope[], refused: string | undefined): Promise<string>;
  /** For a refusal's hint: whose credentials were shown, or where none were found. */
  mend(scopes: readonly RegistryScope[]): Promise<string>;
  /** All that was shown so far, and must not come back in a message. */
  secrets(): readonly string[];
}

type Demand =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: URL; readonly service: string | undefined; readonly scope: string };

interface KeptToken {
  readonly scopes: readonly string[];
  readonly repository: string | undefined;
  readonly token: Promise<Token>;
  expires: number;
}

export function authorization(options: AuthorizationOptions): Authorization {
  const { registry, trust, signal, httpFor, tlsFor } = options;
  const searches = new Map<string, Promise<CredentialSearch>>();
  const shown = new Set<string>();
  let demand: Demand | undefined;
  let tokens: readonly KeptToken[] = [];

  /** Podman's files may hold another credential for each repository. */
  function search(repository: string | undefined): Promise<CredentialSearch> {
    const key = repository ?? "";
    const known = searches.get(key) ?? findCredential(registry, repository, signal);
    searches.set(key, known);
    return known;
  }

  async function credentialFor(repository: string | undefined): Promise<CredentialSearch["found"]> {
    const { found } = await search(repository);
    if (found) for (const text of textsOf(found.credential)) shown.add(text);
    return found;
  }

  async function bearer(wanted: Demand & { scheme: "bearer" }, scopes: readonly RegistryScope[]): Promise<string> {
    const repository = scopes[0]?.repository;
    const texts = scopes.length > 0 ? scopeTexts(scopes) : wanted.scope.split(" ").filter((text) => text !== "");
    const kept = tokens.find(
      (each) => each.expires > now() && each.repository === repository && covers(each.scopes, texts),
    );
    const { token } = kept ?? fetchToken(wanted, repository, texts);
    return `Bearer ${(await token).value.reveal()}`;
  }

  function fetchToken(
    wanted: Demand & { scheme: "bearer" },
    repository: string | undefined,
    scopes: readonly string[],
  ) {
    const work = async (): Promise<Token> => {
      const found = await credentialFor(repository);
      if (found?.credential.kind === "bearer") return { value: found.credential.token, expires: Infinity };
      const tls = await tlsFor(wanted.realm);
      const token = await requestToken({
        realm: wanted.realm,
        service: wanted.service,
        scopes,
        credential: found?.credential,
        hint: await mend(repository),
        trust: trust(),
        http: { ...httpFor(wanted.realm), ...(tls && { tls }) },
        secrets: [...shown],
      });
      shown.add(token.value.reveal());
      return token;
    };
    const token = work();
    const kept: KeptToken = { scopes, repository, token, expires: Infinity };
    tokens = [...tokens, kept];
    token.then(
      ({ expires }) => (kept.expires = expires),
      () => forget(kept),
    );
    return kept;
  }

  function forget(kept: KeptToken): void {
    tokens = tokens.filter((each) => each !== kept);
  }

  async function forgetRefused(header: string): Promise<void> {
    for (const kept of tokens) {
      const token = await kept.token.catch(() => undefined);
      if (token !== undefined && `Bearer ${token.value.reveal()}` === header) forget(kept);
    }
  }

  async function basic(scopes: readonly RegistryScope[], refused: string | undefined): Promise<string> {
    const found = await credentialFor(scopes[0]?.repository);
    const header = found?.credential.kind === "basic" ? basicHeader(found.credential) : undefined;
    if (header !== undefined) {
      shown.add(header.slice("Basic ".length));
      if (header !== refused) return header;
    }
    const what = header === undefined ? "wants a user and a password" : "does not take the user and the password";
    throw new ImageDslError("E_REGISTRY_AUTH", `The registry ${registry} ${what}`, {
      hint: await mend(scopes[0]?.repository),
    });
  }

  async function mend(repository: string | undefined): Promise<string> {
    const { found, problems, asked } = await search(repository);
    const login = `docker login ${registry}, or podman login`;
    const trouble = problems.map((problem) => `. ${problem}`).join("");
    if (found)
      return `The credentials are from ${found.source}; where they are wrong, log in again: ${login}${trouble}`;
    const where = asked.length === 0 ? "" : ` in ${asked.map((path) => `"${path}"`).join(" and ")}`;
    return `No credentials for it were found${where}; log in: ${login}${trouble}`;
  }

  return {
    async header(scopes) {
      if (demand === undefined) return undefined;
      return demand.scheme === "basic" ? basic(scopes, undefined) : bearer(demand, scopes);
    },
    async answer(response, scopes, refused) {
      demand = demandOf(response, registry, trust());
      if (demand.scheme === "basic") return basic(scopes, refused);
      if (refused !== undefined) await forgetRefused(refused);
      const header = await bearer(demand, scopes);
      if (header !== refused) return header;
      throw new ImageDslError("E_REGISTRY_AUTH", `The registry ${registry} does not take the token`, {
        hint: await mend(scopes[0]?.repository),
      });
    },
    mend: (scopes) => mend(scopes[0]?.repository),
    secrets: () => [...shown],
  };
}

/** Throws `E_REGISTRY_AUTH` for what we do not understand, and `E_REGISTRY` for a realm that gets nothing from us. */
function demandOf({ headers }: HttpResponse, registry: string, trust: Trust): Demand {
  const refuse = (what: string) => new ImageDslError("E_REGISTRY_AUTH", `The registry ${registry} ${what}`);
  const header = [headers["www-authenticate"] ?? []].flat().join(", ");
  if (header === "") throw refuse("answered 401 without saying how it wants to be told who asks");
  const challenges = parseChallenges(header);
  if (challenges === undefined) throw refuse("asks who we are in a way that cannot be understood (WWW-Authenticate)");
  const ours = find(challenges, "bearer") ?? find(challenges, "basic");
  if (ours === undefined) throw refuse("wants none of the ways to authenticate that image-dsl knows: Bearer and Basic");
  if (ours.scheme === "basic") return { scheme: "basic" };
  const realm = ours.parameters.get("realm");
  if (realm === undefined || !URL.canParse(realm)) throw refuse("names no URL where tokens are to be had");
  const url = new URL(realm);
  url.hash = "";
  refuseUntrusted(url, "as the place to ask for a token", trust);
  return {
    scheme: "bearer",
    realm: url,
    service: ours.parameters.get("service"),
    scope: ours.parameters.get("scope") ?? "",
  };
}

function find(challenges: readonly Challenge[], scheme: string): Challenge | undefined {
  return challenges.find((challenge) => challenge.scheme === scheme);
}

/** A secret in the ways in which a server may repeat it. */
function textsOf(credential: Credential): readonly string[] {
  const text = (credential.kind === "basic" ? credential.password : credential.token).reveal();
  const inForm = new URLSearchParams([["", text]]).toString().slice(1);
  return [
    ...new Set([
      text,
      text.replace(/\s+/g, " ").trim(),
      encodeURIComponent(text),
      inForm,
      JSON.stringify(text).slice(1, -1),
    ]),
    ...(credential.kind === "basic" ? [basicHeader(credential).slice("Basic ".length)] : []),
  ];
}
