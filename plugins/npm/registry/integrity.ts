/** Subresource Integrity (W3C): what a lock says of a tarball's bytes. */
import { createHash } from "node:crypto";
import { digestOf, hexOf } from "../../../core/index.ts";

export interface Integrity {
  readonly algorithm: "sha512" | "sha384" | "sha256" | "sha1";
  readonly base64: string;
}

/** The strongest first. */
const DIGEST_BYTES = { sha512: 64, sha384: 48, sha256: 32, sha1: 20 } as const;

/** The strongest of those that are written; undefined where none can be read. */
export function parseIntegrity(text: string): Integrity | undefined {
  const written = text.trim().split(/\s+/);
  for (const [algorithm, bytes] of Object.entries(DIGEST_BYTES)) {
    for (const each of written) {
      const [name, base64 = ""] = each.split("?", 1)[0]!.split(/-(.*)/s);
      if (name === algorithm && Buffer.from(base64, "base64").length === bytes)
        return { algorithm: algorithm as Integrity["algorithm"], base64 };
    }
  }
  return undefined;
}

/** Nobody can make another tarball that has it. SHA-1 is broken (Stevens et al., 2017). */
export function isStrong({ algorithm }: Integrity): boolean {
  return algorithm !== "sha1";
}

export function integrityText({ algorithm, base64 }: Integrity): string {
  return `${algorithm}-${base64}`;
}

export function integrityOf(bytes: Uint8Array, algorithm: Integrity["algorithm"]): Integrity {
  return { algorithm, base64: createHash(algorithm).update(bytes).digest("base64") };
}

/** 64 hex digits that stand for it in the store. */
export function storeKeyOf(integrity: Integrity): string {
  return hexOf(digestOf(`npm:${integrityText(integrity)}`));
}
