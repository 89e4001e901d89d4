/** Who may be believed: ed25519 key pairs (RFC 8032), and signatures over an entry's name and contents. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { ImageDslError } from "../../error.ts";
import type { SharedEntry } from "./shared-cache.ts";

/** Whose entries are believed, and by which key this machine signs its own. */
export interface CacheKeys {
  readonly trusted: readonly KeyObject[];
  /** Without it, nothing is published. */
  readonly own?: KeyObject;
}

export interface KeyPair {
  /** PKCS #8 in PEM, as openssl writes it. */
  readonly privateKey: string;
  /** As `readPublicKey` takes it. */
  readonly publicKey: string;
}

export function newKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKeyText(publicKey),
  };
}

/** One line: what stands between the first and the last of a PEM file. */
function publicKeyText(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

/** Throws `E_SHARED_CACHE_KEY`. */
export function readPublicKey(text: string): KeyObject {
  try {
    const bytes = Buffer.from(text.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
    return ed25519(createPublicKey({ key: bytes, type: "spki", format: "der" }));
  } catch (cause) {
    throw wrong(`"${text.slice(0, 80)}" is no public key of a shared cache`, cause);
  }
}

/** `from`: where it was read, for the message, which says nothing of the key itself. Throws `E_SHARED_CACHE_KEY`. */
export function readPrivateKey(pem: string, from: string): KeyObject {
  try {
    return ed25519(createPrivateKey(pem));
  } catch {
    throw wrong(`What ${from} holds is no private key of a shared cache`);
  }
}

/** What this machine signs it believes. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}

export function signature(name: string, contents: string, key: KeyObject): string {
  return sign(null, signedBytes(name, contents), key).toString("base64");
}

/** By one of the keys. */
export function isSigned(
  name: string,
  { contents, signature: text }: SharedEntry,
  trusted: readonly KeyObject[],
): boolean {
  if (text === undefined) return false;
  const bytes = Buffer.from(text, "base64");
  return trusted.some((key) => verify(null, signedBytes(name, contents), key, bytes));
}

/** The name is in it: a true entry under another name would be a wrong answer. */
function signedBytes(name: string, contents: string): Buffer {
  return Buffer.from(`image-dsl shared cache\n${name}\n${contents}`);
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("another kind of key");
  return key;
}

function wrong(message: string, cause?: unknown): ImageDslError {
  return new ImageDslError("E_SHARED_CACHE_KEY", message, {
    cause,
    hint: "image-dsl cache keygen FILE makes a pair: it writes the private key into FILE and prints the public one",
  });
}
