/** Bytes as random as a cipher's, the same for the same seed on every machine, and as quick as it. */
import { createCipheriv, createHash } from "node:crypto";

export function cipherBytes(seed: string, size: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
