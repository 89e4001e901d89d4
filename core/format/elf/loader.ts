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

const OF_PATHS = /[\w.+/-]/;

/** The list is one constant of the loader: paths that end in a slash, each followed by NUL. Undefined where the file does not look like glibc's loader. */
export function readLoaderDefaults(source: ByteSource): LoaderDefaults | undefined {
  if (source.size > LOADER_LIMIT) return undefined;
  const texts = source.read(0, source.size).toString("latin1").split("\0").slice(0, -1).map(pathAtEnd);
  const cacheFile = texts.find((text) => text.endsWith("/ld.so.cache"));
  const directories = longestList(texts);
  if (cacheFile === undefined || directories.length === 0) return undefined;
  return { directories: [...new Set(directories.map((directory) => directory.slice(0, -1)))], cacheFile };
}

/** What of a constant may be a path: other bytes may stand before it without a NUL. */
function pathAtEnd(text: string): string {
  let start = text.length;
  while (start > 0 && OF_PATHS.test(text[start - 1]!)) start--;
  const slash = text.indexOf("/", start);
  return slash < 0 ? "" : text.slice(slash);
}

/** Of neighbours that all are directories of libraries, the most characters. */
function longestList(texts: readonly string[]): readonly string[] {
  let [from, size, longest] = [0, 0, 0];
  let found: readonly [from: number, to: number] = [0, 0];
  for (const [at, text] of texts.entries()) {
    if (isOfLibraries(text)) size += text.length + 1;
    else [from, size] = [at + 1, 0];
    if (size > longest) [longest, found] = [size, [from, at + 1]];
  }
  return texts.slice(...found);
}

function isOfLibraries(text: string): boolean {
  return text.startsWith("/") && text.endsWith("/") && text.includes("/lib") && !text.includes("//");
}
