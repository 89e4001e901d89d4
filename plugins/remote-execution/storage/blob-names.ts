/** Blobs as the API names them: in messages, and as resources of the byte stream. */
import { ImageDslError, digestFromHex, digestOf, hexOf, type RemoteBlob } from "../../../core/index.ts";
import type { Message } from "../proto/message.ts";
import type { BlobDigest } from "../proto/messages.ts";
import type { Server } from "../server.ts";

type BlobDigestMessage = Message<typeof BlobDigest>;

export function digestMessage({ digest, size }: RemoteBlob): BlobDigestMessage {
  return { hash: hexOf(digest), sizeBytes: size };
}

/** What a server calls a blob. Throws `E_REMOTE`. */
export function blobOf(server: Server, { hash = "", sizeBytes = 0 }: Partial<BlobDigestMessage> = {}): RemoteBlob {
  if (!/^[0-9a-f]{64}$/.test(hash) || sizeBytes < 0) {
    throw new ImageDslError("E_REMOTE", `The workers at ${server.place} name a blob that cannot be one`);
  }
  return { digest: digestFromHex(hash), size: sizeBytes };
}

export function blobOfBytes(bytes: Uint8Array): RemoteBlob {
  return { digest: digestOf(bytes), size: bytes.length };
}

export function readName({ instance }: Server, { digest, size }: RemoteBlob): string {
  return `${prefix(instance)}blobs/${hexOf(digest)}/${size}`;
}

/** `upload` is a UUID, by which the server tells uploads of one blob apart. */
export function writeName({ instance }: Server, upload: string, { digest, size }: RemoteBlob): string {
  return `${prefix(instance)}uploads/${upload}/blobs/${hexOf(digest)}/${size}`;
}

function prefix(instance: string): string {
  return instance === "" ? "" : `${instance}/`;
}
