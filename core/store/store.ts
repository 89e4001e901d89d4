/**
 * The store: what may be lost at any time and is then made again. Blobs by digest, and files derived from them.
 * Everything is written under a temporary name and renamed, and blobs and files are on the disk before that, so
 * nothing half-written is ever seen, not even after a power cut.
 */
import type { Digest } from "../model/digest.ts";
import type { Json } from "../model/json.ts";

export interface Store {
  /** Absolute. */
  readonly directory: string;

  /** The path of a blob that is there. `size`: where it is known, a file of any other size counts as absent. */
  findBlob(digest: Digest, size?: number): Promise<string | undefined>;

  /**
   * Writes a blob while checking it. Throws `E_HASH_MISMATCH` (and keeps nothing) where the bytes are others than
   * `digest` says, `E_NO_SPACE` on a full disk. `expected` names the thing in the message.
   */
  putBlob(digest: Digest, bytes: AsyncIterable<Uint8Array>, expected: string): Promise<string>;

  /**
   * The path of a file made from `key` (64 hex digits), such as a decompressed archive. `make` writes it to the
   * temporary path it is given; it is then renamed. Two processes may make it at once: the last one wins, both are right.
   * A file that is there and whose size `isWhole` refuses is made anew; without `isWhole` every one is taken.
   */
  derive(
    kind: string,
    key: string,
    extension: string,
    make: (temporaryFile: string) => Promise<void>,
    isWhole?: (size: number) => boolean,
  ): Promise<string>;

  /** Small JSON facts by key (64 hex digits), such as indexes and script results. Unreadable ones count as absent. */
  readRecord(kind: string, key: string): Promise<Json | undefined>;
  writeRecord(kind: string, key: string, value: Json): Promise<void>;

  /** A fresh private directory (0700) inside the store, removed by `dispose` unless the user asked to keep it. */
  temporaryDirectory(purpose: string): Promise<TemporaryDirectory>;
}

export interface TemporaryDirectory {
  readonly path: string;
  dispose(): Promise<void>;
}
