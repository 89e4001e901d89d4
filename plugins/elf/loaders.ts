/** Where the dynamic loaders of glibc and musl look for libraries by themselves, read from the loader and its files. */
import {
  ImageDslError,
  baseNameOf,
  decodeLdSoCache,
  readLoaderDefaults,
  readWhole,
  withEntryBytes,
  type TreePath,
} from "../../core/index.ts";
import { findFile, type FoundFile, type HostFiles } from "./host-files.ts";

export interface Loader {
  readonly libc: "glibc" | "musl";
  /** Searched last, in this order. */
  readonly directories: readonly string[];
  /** glibc's cache: paths by name and flags. */
  readonly cached: (name: string, flags: number | undefined) => readonly string[];
  readonly cacheFile: string;
  /** A file that has to be in the image so that the loader searches there as it does here. */
  readonly configuration?: FoundFile;
}

/** Where the loader itself does not tell: of a library, which names no loader. */
const USUAL_DIRECTORIES = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
const USUAL_CACHE = "/etc/ld.so.cache";
const MUSL_DIRECTORIES = ["/lib", "/usr/local/lib", "/usr/lib"];
const MUSL_PATH_LIMIT = 65536;

const MUSL_LOADER = /^ld-musl-(.+)\.so\.1$/;

/** `interpreter`: the loader that a program names, if it does and it is there. */
export function loaderOf(host: HostFiles, interpreter: FoundFile | undefined): Loader {
  const musl = interpreter === undefined ? null : MUSL_LOADER.exec(baseNameOf(interpreter.path as TreePath));
  if (musl !== null) return muslLoader(host, musl[1]!);
  const defaults = interpreter && withEntryBytes(interpreter.entry, readLoaderDefaults);
  const cacheFile = defaults?.cacheFile ?? USUAL_CACHE;
  return {
    libc: "glibc",
    directories: defaults?.directories ?? USUAL_DIRECTORIES,
    cached: cacheLookup(host, cacheFile),
    cacheFile,
  };
}

/** Of a program for another machine: what this one's loaders would find is not for it. `interpreter`: the loader's path. */
export function foreignLoader(interpreter: string | undefined): Loader {
  const isMusl = interpreter !== undefined && MUSL_LOADER.test(baseNameOf(interpreter as TreePath));
  return { libc: isMusl ? "musl" : "glibc", directories: [], cached: () => [], cacheFile: "" };
}

function muslLoader(host: HostFiles, architecture: string): Loader {
  const configuration = findFile(host, `/etc/ld-musl-${architecture}.path`);
  const directories =
    configuration === undefined
      ? MUSL_DIRECTORIES
      : Buffer.from(readWhole(configuration.entry, MUSL_PATH_LIMIT)).toString("latin1").split(/[\n:]/).filter(Boolean);
  return { libc: "musl", directories, cached: () => [], cacheFile: "", ...(configuration && { configuration }) };
}

/**
 * A damaged cache counts as none, as for the loader itself. Libraries for newer processors (`glibc-hwcaps`) are passed
 * over: the image has to run on other machines too.
 */
function cacheLookup(host: HostFiles, cacheFile: string): Loader["cached"] {
  const file = findFile(host, cacheFile);
  if (file === undefined) return () => [];
  try {
    const { entries } = decodeLdSoCache(readWhole(file.entry));
    const usable = entries.filter(({ hwcaps }) => hwcaps === undefined);
    return (name, flags) =>
      usable
        .filter((entry) => entry.name === name && (entry.flags === flags || entry.flags === 1))
        .map(({ path }) => path);
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_ELF_INVALID") return () => [];
    throw error;
  }
}
