/** What an archive announces a file by: SHA256, or SHA512 where that is all there is. Weaker ones are not believed. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ImageDslError, digestFromHex, digestOf, hexOf, type Digest, type Store } from "../../../core/index.ts";

export interface Checksum {
  readonly algorithm: "SHA256" | "SHA512";
  /** In lower case. */
  readonly hex: string;
}

/** 64 hex digits that stand for it in the store. */
export function storeKeyOf({ algorithm, hex }: Checksum): string {
  return algorithm === "SHA256" ? hex : hexOf(digestOf(`${algorithm}:${hex}`));
}

/**
 * The file in the store that has this checksum; where there is none, what `fetch` gives is checked and kept. `name` is
 * the file's in messages. Throws `E_HASH_MISMATCH`, and what `fetch` throws.
 */
export async function verifiedFile(
  checksum: Checksum,
  name: string,
  fetch: () => Promise<AsyncIterable<Uint8Array>>,
  store: Store,
): Promise<string> {
  if (checksum.algorithm === "SHA512") {
    return store.derive("debian-sha512", storeKeyOf(checksum), "", async (file) =>
      writeChecked(file, await fetch(), checksum.hex, name),
    );
  }
  const digest = digestFromHex(checksum.hex);
  return (await store.findBlob(digest)) ?? store.putBlob(digest, await fetch(), name);
}

/** The SHA256 of what was written, which the store goes by. */
async function writeChecked(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  announced: string,
  name: string,
): Promise<Digest> {
  const sha256 = createHash("sha256");
  const sha512 = createHash("sha512");
  const target = await open(file, "wx", 0o600);
  try {
    for await (const piece of bytes) {
      sha256.update(piece);
      sha512.update(piece);
      await target.writeFile(piece);
    }
  } finally {
    await target.close();
  }
  const found = sha512.digest("hex");
  if (found === announced) return digestFromHex(sha256.digest("hex"));
  throw new ImageDslError("E_HASH_MISMATCH", `${name} has the sha512 ${found}, but ${announced} was announced`, {
    hint: "Try again; if it stays, the mirror or a proxy on the way changes files",
  });
}
