/** A new pair of keys for a shared cache: the private one in a file that only its owner reads. */
import { writeFile } from "node:fs/promises";
import { ImageDslError, messageOf } from "../error.ts";
import { newKeyPair } from "../store/shared-cache/entry-signature.ts";

/** Gives the public key. Throws `E_SHARED_CACHE_KEY` where there is a file already, or none can be made. */
export async function writeKeyPair(file: string): Promise<string> {
  const { privateKey, publicKey } = newKeyPair();
  try {
    // A key that is in use is not written over.
    await writeFile(file, privateKey, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new ImageDslError("E_SHARED_CACHE_KEY", `Cannot write the private key to ${file}: ${messageOf(cause)}`, {
      cause,
      hint: "Name a file that is not there yet, in a folder that you may write to",
    });
  }
  return publicKey;
}
