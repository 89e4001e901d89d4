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
  const bytes = source.read(0, source.size);
  const [cacheFile] = pathsWith("/ld.so.cache\0", bytes);
  const directories = longestList(pathsWith("/lib", bytes));
  if (cacheFile === undefined || directories.length === 0) return undefined;
  return {
    directories: [...new Set(directories.map((directory) => directory.slice(0, -1)))],
    cacheFile: cacheFile.text,
  };
}

interface Constant {
  /** Offsets in the file: `to` is that of the NUL. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What stands before a NUL and has `part` in it, as a path, in the file's order. Most of a loader is no text. */
function pathsWith(part: string, bytes: Buffer): readonly Constant[] {
  const found: Constant[] = [];
  for (let at = bytes.indexOf(part); at >= 0;) {
    const to = bytes.indexOf(0, at);
    if (to < 0) break;
    const from = bytes.lastIndexOf(0, at) + 1;
    found.push({ from, to, text: pathAtEnd(bytes.toString("latin1", from, to)) });
    at = bytes.indexOf(part, to);
  }
  return found;
}

/** What of a constant may be a path: other bytes may stand before it without a NUL. */
function pathAtEnd(text: string): string {
  let start = text.length;
  while (start > 0 && OF_PATHS.test(text[start - 1]!)) start--;
  const slash = text.indexOf("/", start);
  return slash < 0 ? "" : text.slice(slash);
}

/** Of neighbours that all are directories of libraries, the most characters. */
function longestList(constants: readonly Constant[]): readonly string[] {
  let [first, size, longest] = [0, 0, 0];
  let found: readonly [first: number, end: number] = [0, 0];
  for (const [at, { from, text }] of constants.entries()) {
    if (constants[at - 1]?.to !== from - 1) [first, size] = [at, 0];
    if (isOfLibraries(text)) size += text.length + 1;
    else [first, size] = [at + 1, 0];
    if (size > longest) [longest, found] = [size, [first, at + 1]];
  }
  return constants.slice(...found).map(({ text }) => text);
}

function isOfLibraries(text: string): boolean {
  return text.startsWith("/") && text.endsWith("/") && text.includes("/lib") && !text.includes("//");
}
