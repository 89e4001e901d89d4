/** One token from a registry's authorization service (the docker token protocol, and its form with OAuth 2). */
import {
  httpRequest,
  ImageDslError,
  isRecord,
  now,
  redactUrl,
  type HttpRequestOptions,
  type HttpResponse,
} from "../../../core/index.ts";
import type { Credential } from "./credentials/credential.ts";
import { readErrorAnswer } from "../trust/error-answer.ts";
import { Secret } from "./credentials/secret.ts";
import { wholeAnswer } from "../whole-answer.ts";
import { refuseUntrusted, type Trust } from "../trust/trust.ts";

export interface TokenRequest {
  /** As the challenge named it, and found harmless. */
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  /** For errors. */
  readonly hint: string;
  readonly trust: Trust;
  /** How the service is reached: the signal, proxy, retries, trust in certificates. */
  readonly http: Omit<HttpRequestOptions, "maxBytes" | "method" | "body" | "headers" | "redirects">;
  /** What its answers must not show again. */
  readonly secrets: readonly string[];
}

export interface Token {
  readonly value: Secret;
  /** When a new one is due, by our clock: a little before it ends, as it could end on the way. */
  readonly expires: number;
}

/** Seconds, where the service does not say (the docker token protocol). */
const DEFAULT_LIFE = 60;
const LONGEST_LIFE = 24 * 60 * 60;
const MARGIN = 5;

/** Throws `E_REGISTRY_AUTH` where the service gives none. */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const { response, bytes } = await wholeAnswer(() => askForToken(request), request.http.signal);
  const answer = readAnswer(request, bytes);
  const value = [answer["access_token"], answer["token"]].find((text) => typeof text === "string" && text !== "");
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) {
    throw new ImageDslError("E_REGISTRY_AUTH", `${place(request)} answered without a token`, {
      hint: "Ask whoever runs the registry",
    });
  }
  const life = lifeOf(answer, response);
  return { value: new Secret(value), expires: now() + 1000 * (life - Math.min(MARGIN, life / 4)) };
}

async function askForToken(request: TokenRequest): Promise<HttpResponse> {
  const response = await ask(request);
  if (response.status === 200) return response;
  const { words } = await readErrorAnswer(response, request.secrets);
  throw new ImageDslError("E_REGISTRY_AUTH", `${place(request)} gives no token: ${words}`, { hint: request.hint });
}

function ask({ realm, service, scopes, credential, trust, http }: TokenRequest): Promise<HttpResponse> {
  const parameters = new URLSearchParams();
  if (service !== undefined) parameters.set("service", service);
  const redirects = (from: URL, to: URL) => {
    refuseUntrusted(to, "as the next place to ask for a token", trust);
    if (credential === undefined || to.origin === from.origin) return;
    throw new ImageDslError("E_REGISTRY", `${redactUrl(from)} leads to ${redactUrl(to)}, which gets no credentials`, {
      hint: "Ask whoever runs the registry",
    });
  };
  if (credential?.kind === "identity") {
    parameters.set("scope", scopes.join(" "));
    parameters.set("client_id", "image-dsl");
    parameters.set("grant_type", "refresh_token");
    parameters.set("refresh_token", credential.token.reveal());
    return httpRequest(realm.href, {
      // Who asks twice for a token gets two.
      retry: { attempts: 4, delay: 500 },
      ...http,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(parameters.toString()),
      maxBytes: "registry.answer",
      redirects,
    });
  }
  for (const scope of scopes) parameters.append("scope", scope);
  const url = new URL(realm);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const headers = credential?.kind === "basic" ? { headers: { authorization: basicHeader(credential) } } : {};
  return httpRequest(url.href, { ...http, ...headers, maxBytes: "registry.answer", redirects });
}

export function basicHeader({ user, password }: Credential & { kind: "basic" }): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`, "utf8").toString("base64")}`;
}

function readAnswer(request: TokenRequest, bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (isRecord(value)) return value;
  } catch {
    // A parser's words show the text, in which a token may stand.
  }
  throw new ImageDslError("E_REGISTRY_AUTH", `${place(request)} answered something else than a JSON object`);
}

/** Seconds from now. How old the token is already is told by the service's own clock alone. */
function lifeOf(answer: Readonly<Record<string, unknown>>, { headers }: HttpResponse): number {
  const { expires_in: told, issued_at: issued } = answer;
  const life = typeof told === "number" && told > 0 ? Math.min(told, LONGEST_LIFE) : DEFAULT_LIFE;
  const age = (Date.parse(String(headers["date"])) - Date.parse(String(issued))) / 1000;
  return age > 0 && age < life ? life - age : life;
}

function place({ realm, trust }: TokenRequest): string {
  return `${redactUrl(`${realm.origin}${realm.pathname}`)}, which the registry ${trust.origin.host} sends us to,`;
}
