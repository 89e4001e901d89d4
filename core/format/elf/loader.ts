/** What a glibc dynamic loader was built with: the directories that it searches by itself, and its cache's path. */
import type { ByteSource } from "./input.ts";

/** Where a dynamic loader looks after all else, read out of the loader's own bytes. */
export interface LoaderDefaults {
  /** In its order, absolute, without a slash at the end. */
  readonly directories: readonly string[];
  /** Absolute: `/etc/ld.so.cache`, or what the loader was built with. */
  readonly cacheFile: string;
}

/** Real loaders are about 200 KB. */
const LOADER_LIMIT = 8 * 1024 * 1024;

/** The list is one constant of the loader: paths that end in a slash, each followed by NUL. */
const DIRECTORIES = /(?:\/(?:[\w.+-]+\/)*lib[\w.+-]*\/(?:[\w.+-]+\/)*\0)+/g;
const CACHE_FILE = /\/[\w.+/-]*\/ld\.so\.cache(?=\0)/;

/** undefined where the file does not look like glibc's loader. */
export function readLoaderDefaults(source: ByteSource): LoaderDefaults | undefined {
  if (source.size > LOADER_LIMIT) return undefined;
  const bytes = source.read(0, source.size).toString("latin1");
  const cacheFile = CACHE_FILE.exec(bytes)?.[0];
  const lists = bytes.match(DIRECTORIES) ?? [];
  const longest = lists.reduce<string>((best, list) => (list.length > best.length ? list : best), "");
  if (cacheFile === undefined || longest === "") return undefined;
  const directories = longest.split("/\0").filter((directory) => directory !== "");
  return { directories: [...new Set(directories)], cacheFile };
}
