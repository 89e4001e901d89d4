/** What a registry is shown, and the entries of docker's and podman's files that hold it. */
import { isRecord } from "../../../../core/index.ts";
import { Secret } from "./secret.ts";

export type Credential =
  | { readonly kind: "basic"; readonly user: string; readonly password: Secret }
  /** To be exchanged for a token at the registry's authorization service. */
  | { readonly kind: "identity"; readonly token: Secret }
  /** To be shown to the registry as it is. */
  | { readonly kind: "bearer"; readonly token: Secret };

/** The name of a user that says: what stands for the password is an identity token. */
const TOKEN_USER = "<token>";

/** One of `auths`: undefined where it says nothing. Throws an `Error` whose message shows nothing of it. */
export function credentialOfEntry(entry: unknown): Credential | undefined {
  if (!isRecord(entry)) throw new Error("it is not an object");
  const { auth, identitytoken, registrytoken, username, password } = entry;
  if (isText(identitytoken)) return { kind: "identity", token: new Secret(identitytoken) };
  if (isText(registrytoken)) {
    if (!/^[\x21-\x7e]+$/.test(registrytoken)) throw new Error('its "registrytoken" has characters that no token has');
    return { kind: "bearer", token: new Secret(registrytoken) };
  }
  if (isText(auth)) return decodeAuth(auth);
  return isText(username) && isText(password) ? credentialOf(username, password) : undefined;
}

export function credentialOf(user: string, secret: string): Credential | undefined {
  if (secret === "") return undefined;
  if (user === TOKEN_USER) return { kind: "identity", token: new Secret(secret) };
  if (user === "") return undefined;
  return { kind: "basic", user, password: new Secret(secret) };
}

/** base64 of `USER:PASSWORD`. */
function decodeAuth(auth: string): Credential | undefined {
  const text = auth.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error('its "auth" is not base64');
  const pair = Buffer.from(text, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = pair.indexOf(":");
  if (colon < 0) throw new Error('its "auth" is not base64 of USER:PASSWORD');
  return credentialOf(pair.slice(0, colon), pair.slice(colon + 1));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
