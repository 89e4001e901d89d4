/**
 * Blobs that are on their way, `partial/KK/KEY.OWNER`: what a process that ended before had got of one is taken over by
 * the next that wants it. Two living processes each have their own.
 */
import { createHash, type Hash } from "node:crypto";
import { renameSync } from "node:fs";
import { open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ImageDslError } from "../error.ts";
import { digestFromHex, hexOf, type Digest } from "../model/digest.ts";
import { makeDirectory } from "./make-directory.ts";
import { ownOwner, ownerState } from "./owner.ts";

export const PARTIAL = "partial";

/** The bytes of a blob from an offset on. */
export type BytesFrom = (offset: number) => AsyncIterable<Uint8Array>;

const READ_BYTES = 1024 * 1024;

/** This process's file for the blob, with what there is of it. */
export async function claimPartial(store: string, key: string): Promise<string> {
  const folder = join(store, PARTIAL, key.slice(0, 2));
  makeDirectory(folder, 0o700);
  const own = `${key}.${ownOwner()}`;
  const names = await readdir(folder);
  const left = names.find((name) => name.startsWith(`${key}.`) && ownerState(name.slice(key.length + 1)) === "dead");
  if (!names.includes(own) && left !== undefined) {
    try {
      renameSync(join(folder, left), join(folder, own));
    } catch {
      // Another one was quicker.
    }
  }
  return join(folder, own);
}

/**
 * Goes on with the file until it is the whole blob. Throws `E_HASH_MISMATCH` where the bytes are others, and then keeps
 * none; where they are too few or too many, those that may be right stay.
 */
export async function completePartial(
  file: string,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  from: BytesFrom,
  expected: string,
): Promise<void> {
  const { found, began } = await goOn(file, size, from, expected);
  if (found === digest) return;
  await rm(file, { force: true });
  if (began === 0) throw mismatch(expected, found, digest);
  // What was here may have been wrong before this process began: only the whole of it tells.
  await completePartial(file, { digest, size }, from, expected);
}

/** Gives the digest of all, and how much was there before. */
async function goOn(file: string, size: number, from: BytesFrom, expected: string) {
  const handle = await open(file, "a+", 0o600);
  try {
    const hash = createHash("sha256");
    const began = await hashWhatIsThere(handle, hash, size);
    let offset = began;
    for await (const chunk of from(began)) {
      offset += chunk.length;
      if (offset > size) throw wrongSize(expected, "more", size);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    if (offset < size) throw wrongSize(expected, `${offset}`, size);
    return { found: digestFromHex(hash.digest("hex")), began };
  } finally {
    await handle.close();
  }
}

/** One that is too long is none: it begins anew. */
async function hashWhatIsThere(handle: FileHandle, hash: Hash, size: number): Promise<number> {
  const { size: there } = await handle.stat();
  if (there > size) {
    await handle.truncate(0);
    return 0;
  }
  const buffer = Buffer.alloc(Math.min(READ_BYTES, there));
  for (let offset = 0; offset < there;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0) throw new Error("A file of this process became shorter");
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return there;
}

function wrongSize(expected: string, found: string, size: number): ImageDslError {
  return new ImageDslError("E_HASH_MISMATCH", `${expected} has ${found} bytes, where ${size} were announced`, {
    hint: "Try again; if it stays, the server or a proxy on the way changes files",
  });
}

export function mismatch(expected: string, found: Digest, announced: Digest): ImageDslError {
  const message = `${expected} has the sha256 ${hexOf(found)}, but ${hexOf(announced)} was announced`;
  return new ImageDslError("E_HASH_MISMATCH", message, {
    hint: "Try again; if it stays, the mirror or a proxy on the way changes files",
  });
}
