/** Writing what comes from elsewhere to a file, and holding it against what it is to be. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ImageDslError } from "../../../core/index.ts";
import type { Integrity } from "./integrity.ts";

const REGISTRY_HINT =
  "Try again; if it stays, the registry or a proxy on the way changes packages, or the lock is of another registry";

/** Gives its SHA-512. `from`: as messages name it. Throws `E_HASH_MISMATCH` where it is not what was expected. */
export async function writeChecked(
  file: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: readonly Integrity[],
  from: string,
  hint = REGISTRY_HINT,
): Promise<Integrity> {
  const algorithms = new Set(["sha512" as const, ...expected.map(({ algorithm }) => algorithm)]);
  const hashes = new Map([...algorithms].map((algorithm) => [algorithm, createHash(algorithm)]));
  const target = await open(file, "w", 0o600);
  try {
    for await (const piece of bytes) {
      for (const hash of hashes.values()) hash.update(piece);
      await target.writeFile(piece);
    }
  } finally {
    await target.close();
  }
  const found = new Map(Array.from(hashes, ([algorithm, hash]) => [algorithm, hash.digest("base64")]));
  for (const { algorithm, base64 } of expected) {
    if (found.get(algorithm) === base64) continue;
    throw new ImageDslError(
      "E_HASH_MISMATCH",
      `${from} has the integrity ${algorithm}-${found.get(algorithm)}, but the lock says ${algorithm}-${base64}`,
      { hint },
    );
  }
  return { algorithm: "sha512", base64: found.get("sha512")! };
}
