/** Digests (OCI image spec, descriptor.md): `sha256:` and 64 lower-case hex digits, nothing else. */
import { createHash } from "node:crypto";
import { ImageDslError } from "../error.ts";

declare const brand: unique symbol;
/** `sha256:` and 64 small hex digits. Only `parseDigest`, `isDigest` and what hashes make one of a text. */
export type Digest = `sha256:${string}` & { readonly [brand]: "Digest" };

/** Parses strictly: another algorithm, length or case throws `E_IMAGE_INVALID`. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) {
    throw new ImageDslError("E_IMAGE_INVALID", `"${text.slice(0, 100)}" is not a sha256 digest`);
  }
  return text;
}

/** For values from outside; other algorithms and capitals are no digests here. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** The digest of 64 hex digits. */
export function digestFromHex(hex: string): Digest {
  return parseDigest(`sha256:${hex}`);
}

/** The 64 hex digits alone, as file names and the store's keys have them. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/** The digest of bytes, or of a text's UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}

/** The digest of all texts' UTF-8, one behind the other: very many need never be there at the same time. */
export function digestOfTexts(texts: Iterable<string>): Digest {
  const hash = createHash("sha256");
  let held = "";
  for (const text of texts) {
    held += text;
    if (held.length < HASHED_AT_ONCE) continue;
    hash.update(held);
    held = "";
  }
  return digestFromHex(hash.update(held).digest("hex"));
}

/** A hash takes long texts faster than many short ones. */
const HASHED_AT_ONCE = 64 * 1024;

/** The digest of all chunks, one behind the other. */
export async function digestOfChunks(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return digestFromHex(hash.digest("hex"));
}
