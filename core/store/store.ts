/**
 * The store: what may be lost at any time and is then made again. Blobs by digest, files derived from them, and
 * records. Everything is written under a temporary name and renamed, and blobs and files are on the disk before that,
 * so nothing half-written is ever seen, not even after a power cut. What is given out is what was written: each file's
 * stat is compared with the one it had then, and one that differs is read again (`seal.ts`); records have a checksum.
 * What is no longer what it was is removed, told of, and counts as absent.
 */
import type { Digest } from "../model/digest.ts";
import type { BytesFrom } from "./partial-blobs.ts";
import type { Json } from "../model/json.ts";

/** The folder of `--cache` and `IMAGE_DSL_CACHE`: whatever is in it may be lost at any time, and is then made again. */
export interface Store {
  /** Absolute. */
  readonly directory: string;

  /** The path of a blob that is there and whole. */
  findBlob(digest: Digest): Promise<string | undefined>;

  /**
   * Writes a blob while checking it. Throws `E_HASH_MISMATCH` (and keeps nothing) where the bytes are others than
   * `digest` says, `E_NO_SPACE` on a full disk. `expected` names the thing in the message.
   */
  putBlob(digest: Digest, bytes: AsyncIterable<Uint8Array>, expected: string): Promise<string>;

  /** Makes a file of one of `temporaryDirectory`'s directories a blob. Whoever wrote it has seen that its digest is this one. */
  takeBlob(digest: Digest, file: string): Promise<string>;

  /**
   * As `putBlob`, for a blob of `size` bytes that can be had from any offset on: what an earlier process got of it before it
   * was killed, or this one before the connection broke, is not asked for again.
   */
  fetchBlob(blob: { digest: Digest; size: number }, from: BytesFrom, expected: string): Promise<string>;

  /**
   * The path of a file made from `key` (64 hex digits), such as a decompressed archive. `make` writes it to the
   * temporary path it is given, and gives the digest of what it wrote; it is then renamed. Two processes may make it at
   * once: the last one wins, both are right. Throws what `make` throws, and `E_NO_SPACE`.
   */
  derive(
    kind: string,
    key: string,
    extension: string,
    make: (temporaryFile: string) => Promise<Digest>,
  ): Promise<string>;

  /** Where `derive` puts it, be it there or not. */
  derivedPath(kind: string, key: string, extension: string): string;

  /** The path of what was derived from a key, where it is there and whole. */
  findDerived(kind: string, key: string, extension: string): Promise<string | undefined>;

  /**
   * A directory made from `key` (64 hex digits), which nobody changes. `make` fills the one that it is given, which is
   * empty. Undefined where nothing of earlier builds is to be used unread. Throws what `make` throws.
   */
  deriveDirectory(
    kind: string,
    key: string,
    make: (directory: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<DerivedDirectory | undefined>;

  /** Small JSON facts by key (64 hex digits), such as indexes and script results. Unreadable ones count as absent. */
  readRecord(kind: string, key: string): Promise<Json | undefined>;
  /** Replaces the fact of that key; throws `E_NO_SPACE`. */
  writeRecord(kind: string, key: string, value: Json): Promise<void>;

  /** A fresh private directory (0700) inside the store. `purpose` is of small letters. */
  temporaryDirectory(purpose: string): Promise<TemporaryDirectory>;

  /** Ends the use: from now on a garbage collection spares nothing on our account. Happens by itself at the process's end. */
  close(): void;
}

/** A directory of the store, for reading. */
export interface DerivedDirectory {
  /** Absolute. */
  readonly path: string;
  /**
   * Whether it is as it was made. To look at very many files takes a while, in which work over them may have begun: whoever
   * gets `false` forgets what came of it, and asks for the directory again, as this one is gone.
   */
  isWhole(): Promise<boolean>;
}

/** A place to write in, which a crash may leave behind and a later process removes. */
export interface TemporaryDirectory {
  /** Absolute; nobody else may look in (0700). */
  readonly path: string;
  /** Moves it to where only `image-dsl cache gc` removes it, after a day, and gives its new path. */
  keep(): Promise<string>;
  /** Removes it with all that is in it. */
  dispose(): Promise<void>;
}
