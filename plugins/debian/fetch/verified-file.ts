/** Files in the store by what an archive announces them by. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ImageDslError, digestFromHex, type Digest, type Store } from "../../../core/index.ts";
import { storeKeyOf, type Checksum } from "../checksum.ts";

/** What the store derives from a SHA512: the file that has it. */
const BY_SHA512 = "debian-sha512";

export function findVerified(checksum: Checksum, store: Store): Promise<string | undefined> {
  if (checksum.algorithm === "SHA256") return store.findBlob(digestFromHex(checksum.hex));
  return store.findDerived(BY_SHA512, storeKeyOf(checksum), "");
}

/** Checks what comes and keeps it. `name` is the file's in messages. Throws `E_HASH_MISMATCH`. */
export function putVerified(
  checksum: Checksum,
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  store: Store,
): Promise<string> {
  if (checksum.algorithm === "SHA256") return store.putBlob(digestFromHex(checksum.hex), bytes, name);
  return store.derive(BY_SHA512, storeKeyOf(checksum), "", (file) => writeChecked(file, bytes, checksum.hex, name));
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
