/**
 * What several machines keep results in, such as a repository of a registry. Whoever can write there can put anything there: what is
 * read is believed for its signature and its digests (`shared-results.ts`), and whatever fails here costs work, never a build.
 */
import type { Digest } from "../../model/digest.ts";

/** Bytes by their sha256. */
export interface SharedBlob {
  /** Of all of its bytes. */
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What stands under a name. */
export interface SharedEntry {
  /** JSON, as it was signed. */
  readonly contents: string;
  /** Base64; undefined where there is none. */
  readonly signature: string | undefined;
}

/** A place of a transport that machines share results through. Each method throws an `ImageDslError` where it cannot be done. */
export interface SharedCache {
  /** As it is shown to people. */
  readonly place: string;
  /** `name`: 64 hex digits. Undefined where nothing has it. Throws `E_SHARED_CACHE` where what has it is no entry. */
  lookup(name: string): Promise<SharedEntry | undefined>;
  /** A blob's bytes from an offset on, as they come: nothing is checked. */
  read(blob: SharedBlob, offset: number): AsyncIterable<Uint8Array>;
  /** Whether it says that it has the blob, with that size; then an output of the same transport may take it over from there. */
  has(blob: SharedBlob): Promise<boolean>;
  /**
   * Brings a blob there: by `open`, else from where this machine has put it near by. False where neither is possible.
   */
  take(blob: SharedBlob, open?: () => AsyncIterable<Uint8Array>): Promise<boolean>;
  /** Puts an entry under a name, in place of what was there. `blobs` are there already, and stay as long as the entry does. */
  publish(name: string, entry: SharedEntry & { readonly blobs: readonly SharedBlob[] }): Promise<void>;
}
