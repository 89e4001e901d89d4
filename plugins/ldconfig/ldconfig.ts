/**
 * What `ldconfig` would do to a tree, for any architecture, without running it: which libraries its directories hold
 * under which names, the links that make those names work, and the cache.
 */
import {
  BASE,
  baseNameOf,
  cacheFlags,
  compareLibraryNames,
  encodeLdSoCache,
  joinPath,
  machineFamily,
  treePathFromBytes,
  type CacheEntry,
  type Entry,
  type FileEntry,
  type FileTree,
  type SymlinkEntry,
  type TreePath,
} from "../../core/index.ts";
import { readConfiguration } from "./configuration.ts";
import { readElfOrNothing, type Glibc } from "./loader.ts";
import { childrenOf, follow, realDirectory } from "./tree.ts";

export interface LdconfigResult {
  readonly cache: Buffer;
  readonly entries: readonly CacheEntry[];
  /** Sonames that no file has: links to the libraries that say they are it. New, or in place of links that led elsewhere. */
  readonly links: readonly SymlinkEntry[];
  /** Whether the base image brings every library: then what it made of them, or did not make, stays. */
  readonly isAllOfBase: boolean;
  /** What of the loader's configuration was passed over. */
  readonly passedOver: readonly string[];
}

/** Same tree, same bytes: those that the tree's own `ldconfig -r` would write. */
export function emulateLdconfig(tree: FileTree, glibc: Glibc): LdconfigResult {
  const configuration = readConfiguration(tree);
  const directories = searchDirectories(tree, [...configuration.directories, ...glibc.defaults.directories]);
  const libraries = libraryReader(glibc);
  const entries: CacheEntry[] = [];
  const links: SymlinkEntry[] = [];
  let isAllOfBase = true;
  for (const directory of directories) {
    for (const library of searchDirectory(tree, directory, libraries)) {
      isAllOfBase &&= library.origin === BASE;
      entries.push(cacheEntry(directory, library));
      const link = directory.hwcaps === undefined ? missingLink(tree, directory, library) : undefined;
      if (link !== undefined) links.push(link);
    }
  }
  const { generator } = glibc;
  const cache = encodeLdSoCache(
    { entries, littleEndian: glibc.loader.littleEndian, ...(generator === undefined ? {} : { generator }) },
    { hwcapsDirectories: directories.flatMap(({ hwcaps }) => hwcaps ?? []) },
  );
  return { cache, entries, links, isAllOfBase, passedOver: configuration.passedOver };
}

interface SearchDirectory {
  /** As it was written; the cache's paths begin with it. */
  readonly path: string;
  readonly real: TreePath;
  /** The name of a subdirectory of `glibc-hwcaps`. */
  readonly hwcaps?: string;
}

/** Each directory once, under the first of its paths, followed by its own `glibc-hwcaps` subdirectories. */
function searchDirectories(tree: FileTree, paths: readonly string[]): SearchDirectory[] {
  const found = new Map<TreePath, SearchDirectory>();
  const add = (path: string, hwcaps?: string): boolean => {
    const real = realDirectory(tree, path);
    if (real === undefined || found.has(real)) return false;
    found.set(real, { path, real, ...(hwcaps === undefined ? {} : { hwcaps }) });
    return true;
  };
  for (const path of paths) {
    if (!add(path)) continue;
    const parent = `${path}/glibc-hwcaps`;
    const real = realDirectory(tree, parent);
    if (real === undefined) continue;
    for (const child of childrenOf(tree, real)) {
      const name = baseNameOf(child.path);
      // The loader separates these names by colons, so one with a colon cannot be looked up.
      if (!name.startsWith(".") && !name.includes(":")) add(`${parent}/${name}`, name);
    }
  }
  return [...found.values()];
}

interface Library {
  /** The file's name in its directory. */
  readonly file: string;
  /** The name that it goes by. */
  readonly soname: string;
  readonly flags: number;
  readonly isaLevel: number;
  readonly isLink: boolean;
  readonly origin: string | undefined;
}

/** One library for each soname: a file rather than a link, and of several the newest by name. */
function searchDirectory(tree: FileTree, directory: SearchDirectory, libraries: LibraryReader): Library[] {
  const found = new Map<string, Library>();
  for (const entry of childrenOf(tree, directory.real)) {
    if (!isLibraryName(baseNameOf(entry.path))) continue;
    const library = libraryOf(tree, entry, libraries);
    if (library === undefined) continue;
    const earlier = found.get(library.soname);
    if (earlier === undefined) found.set(library.soname, library);
    else if (isBetter(library, earlier)) found.set(library.soname, { ...library, flags: earlier.flags });
  }
  return [...found.values()];
}

/** Shared libraries and the loader; not the half-written files of prelink. */
function isLibraryName(name: string): boolean {
  const isLibrary = /^(?:lib|ld-).*\.so/s.test(name) || name.startsWith("ld.so.") || name.startsWith("ld64.so.");
  return isLibrary && !/\.#prelink#(?:\..{6})?$/s.test(name);
}

function libraryOf(tree: FileTree, entry: Entry, libraries: LibraryReader): Library | undefined {
  const file = follow(tree, entry.path);
  if (file?.type !== "file") return undefined;
  const facts = libraries(file);
  if (facts === undefined) return undefined;
  const name = baseNameOf(entry.path);
  const soname = facts.soname ?? name;
  const isLink = entry.type === "symlink" && isLinkOf(name, soname);
  return { ...facts, file: name, soname: isLink ? name : soname, isLink, origin: file.origin };
}

/** A link counts as one only under the soname, or as the name for the linker (`libx.so` of `libx.so.1`); others are as good as files. */
function isLinkOf(name: string, soname: string): boolean {
  return name === soname || (name.endsWith(".so") && soname.startsWith(name));
}

function isBetter(library: Library, earlier: Library): boolean {
  if (library.isLink !== earlier.isLink) return earlier.isLink;
  return compareLibraryNames(earlier.file, library.file) < 0;
}

function cacheEntry(directory: SearchDirectory, { soname, file, flags, isaLevel }: Library): CacheEntry {
  if (directory.hwcaps === undefined) return { name: soname, path: `${directory.path}/${soname}`, flags };
  return { name: soname, path: `${directory.path}/${file}`, flags, hwcaps: directory.hwcaps, isaLevel };
}

function missingLink(tree: FileTree, directory: SearchDirectory, library: Library): SymlinkEntry | undefined {
  // A soname comes from a file's inside: it must not reach another directory.
  if (library.isLink || library.soname.includes("/") || /^\.{0,2}$/.test(library.soname)) return undefined;
  const path = joinPath(directory.real, library.soname);
  const present = follow(tree, path);
  if (present !== undefined) {
    if (present.path === follow(tree, joinPath(directory.real, library.file))?.path) return undefined;
    if (tree.get(path)?.type !== "symlink") return undefined;
  }
  const { origin } = library;
  return {
    type: "symlink",
    path: treePathFromBytes(path),
    target: library.file,
    mode: 0o777,
    uid: 0,
    gid: 0,
    mtime: 1,
    ...(origin === undefined ? {} : { origin }),
  };
}

type LibraryFacts = Pick<Library, "flags" | "isaLevel"> & { readonly soname: string | undefined };
type LibraryReader = (file: FileEntry) => LibraryFacts | undefined;

/** Reads each file once, though several names lead to it. */
function libraryReader({ loader, typesLibraries }: Glibc): LibraryReader {
  const known = new Map<TreePath, LibraryFacts | undefined>();
  return (file) => {
    if (!known.has(file.path)) known.set(file.path, read(file));
    return known.get(file.path);
  };

  function read(file: FileEntry): LibraryFacts | undefined {
    const elf = readElfOrNothing(file, file.path);
    if (elf?.type !== "shared" || !elf.dynamic) return undefined;
    if (machineFamily(elf.machine) !== machineFamily(loader.machine) || elf.littleEndian !== loader.littleEndian)
      return undefined;
    const flags = cacheFlags(elf, { untypedWithoutLibc: typesLibraries });
    return flags === undefined ? undefined : { flags, isaLevel: elf.isaLevel, soname: elf.soname };
  }
}
