/** Blobs as registries and layouts take them: bytes that are made when asked for, and a digest that may be known before. */
import { createHash } from "node:crypto";
import { ImageDslError } from "../error.ts";
import { digestFromHex, digestOf, type Digest } from "../model/digest.ts";
import type { Descriptor } from "./descriptor.ts";

/** What a descriptor has to say of bytes before they can be sent. */
export interface BlobDigest {
  /** Of the bytes as they are stored, compressed ones included. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Bytes of a layout or a registry, mostly a layer's, that are made while they are read. */
export interface Blob {
  /** As descriptors name it (OCI image spec, media-types.md); it says how the bytes are compressed. */
  readonly mediaType: string;
  /** Undefined where the bytes would have to be made for it. */
  known(): Promise<BlobDigest | undefined>;
  /** Other machines are making it: `known` waits for them. */
  isComing?(): boolean;
  /** Made anew each time; a chunk is valid until the one after the next is asked for. Once read to the end, it is known. */
  open(): AsyncIterable<Uint8Array>;
  /** No less than its bytes, but for a little: what reading it may cost. */
  readonly bound: number;
  /** Names its bytes before their digest is known; equal names may still be other bytes, where a file changed unseen. */
  readonly identity: string;
  /** A registry's repository that has it, `HOST/NAME`. */
  readonly repository?: string;
}

/** An index, a manifest or a config: small, and in memory. */
export interface DocumentBlob {
  /** With the digest and the size of `bytes`. */
  readonly descriptor: Descriptor;
  /** The JSON to be stored, byte for byte: parsed and written again, it would have another digest. */
  readonly bytes: Uint8Array;
}

export function documentBlob(mediaType: string, bytes: Uint8Array): DocumentBlob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Makes the bytes where it is not known yet. */
export async function digestOfBlob(blob: Blob): Promise<BlobDigest> {
  const known = await blob.known();
  if (known !== undefined) return known;
  for await (const _ of blob.open());
  return (await blob.known())!;
}

/**
 * Hands chunks on and tells digest and size of all at their end. Throws `E_HASH_MISMATCH` where they are others than
 * `expected`, which is known from before.
 */
export async function* hashedBlob(
  chunks: AsyncIterable<Uint8Array>,
  expected: BlobDigest | undefined,
  found: (blob: BlobDigest) => Promise<void> | void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  const digest = digestFromHex(hash.digest("hex"));
  if (expected !== undefined && expected.digest !== digest) {
    throw new ImageDslError(
      "E_HASH_MISMATCH",
      `A blob has the digest ${digest}, where ${expected.digest} was known of it`,
      {
        hint: "Build again when nothing writes to its files; image-dsl cache verify finds damage in the cache",
      },
    );
  }
  await found({ digest, size });
}
