/** How a config names the cache that machines share results through. */

/** A cache that several machines share, and whose results are believed. */
export interface SharedCacheOptions {
  /** Where it is: `docker://HOST/NAME`, a repository of a registry that holds nothing else. */
  readonly at: string;
  /** Of those whose results are believed, as `image-dsl cache keygen` prints them. @default none but this machine's own */
  readonly publicKeys?: readonly string[];
}
