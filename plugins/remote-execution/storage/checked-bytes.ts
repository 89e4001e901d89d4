/** Bytes of a blob that are looked at while they pass: those that are sent for their length, those that come for their digest too. */
import { createHash } from "node:crypto";
import { ImageDslError, digestFromHex, type RemoteBlob } from "../../../core/index.ts";
import type { Server } from "../server.ts";

/** What is to be sent, if it is as long as it is said to be. */
export async function* ofSize(
  blob: RemoteBlob,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > blob.size) break;
    yield chunk;
  }
  if (size !== blob.size) throw changedBlob(blob);
}

export function changedBlob({ digest, size }: RemoteBlob): ImageDslError {
  return new ImageDslError(
    "E_CONTENT_CHANGED",
    `What is sent to other machines as ${digest} has no longer ${size} bytes`,
  );
}

/** Throws `E_HASH_MISMATCH` where length or digest are others. */
export async function* verified(
  { place }: Server,
  blob: RemoteBlob,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > blob.size) break;
    hash.update(chunk);
    yield chunk;
  }
  const fault =
    size > blob.size
      ? `is larger than its ${blob.size} bytes`
      : size < blob.size
        ? `ends after ${size} of its ${blob.size} bytes`
        : digestFromHex(hash.digest("hex")) === blob.digest
          ? undefined
          : "has other bytes";
  if (fault === undefined) return;
  throw new ImageDslError("E_HASH_MISMATCH", `The blob ${blob.digest} of the workers at ${place} ${fault}`, {
    hint: "Their storage is damaged, or somebody else writes there",
  });
}

export function missingBlob({ place }: Server, { digest }: RemoteBlob): ImageDslError {
  return new ImageDslError("E_REMOTE_MISSING", `The workers at ${place} no longer have the blob ${digest}`, {
    hint: "Give their storage more room",
  });
}
