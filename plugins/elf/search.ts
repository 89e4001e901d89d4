/** Where a loader looks for one library that an object needs, in its order (ld.so(8); musl's dynlink does it likewise). */
import { baseNameOf, cacheFlags, parentOf, withoutEndSlashes, type ElfFile, type TreePath } from "../../core/index.ts";
import type { FoundFile } from "./host-files.ts";
import type { Loader } from "./loaders.ts";

/** A program or library in a process. */
export interface LoadedObject {
  readonly file: FoundFile;
  readonly elf: ElfFile;
  /** What it was loaded for; undefined for the program. */
  readonly loadedBy: LoadedObject | undefined;
}

export interface Candidate {
  /** Absolute. */
  readonly path: string;
  /** How it was thought of. */
  readonly by: "path" | "rpath" | "runpath" | "cache" | "default";
}

/** Names that musl's loader answers itself, because it is the C library. */
const MUSL_OWN = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./;

export function isLoadersOwn(loader: Loader, name: string): boolean {
  return loader.libc === "musl" && MUSL_OWN.test(name);
}

/** LD_LIBRARY_PATH plays no part: the image does not have this host's. */
export function candidates(name: string, by: LoadedObject, loader: Loader): Candidate[] {
  if (name.includes("/")) {
    const path = expand(name, by, loader);
    return path?.startsWith("/") ? [{ path, by: "path" }] : [];
  }
  const inDirectories = (directories: readonly string[], kind: Candidate["by"]): Candidate[] =>
    directories.map((directory) => ({ path: `${withoutEndSlashes(directory)}/${name}`, by: kind }));
  const ownDirectories = loader.libc === "musl" ? muslRpath(by, loader) : glibcRpath(by, loader);
  const found = ownDirectories.flatMap(({ directories, kind }) => inDirectories(directories, kind));
  if (loader.libc === "glibc" && by.elf.noDefaultDirectories) return found;
  return [
    ...found,
    ...loader.cached(name, cacheFlags(by.elf)).map((path): Candidate => ({ path, by: "cache" })),
    ...inDirectories(loader.directories, "default"),
  ];
}

interface OwnDirectories {
  readonly directories: readonly string[];
  readonly kind: "rpath" | "runpath";
}

/** RPATH is inherited from what loaded the object, unless either has a RUNPATH; that counts for its own object alone. */
function glibcRpath(by: LoadedObject, loader: Loader): OwnDirectories[] {
  const { runpath } = by.elf;
  if (runpath !== undefined) return [{ directories: split(runpath, by, loader), kind: "runpath" }];
  return chain(by)
    .filter(({ elf }) => elf.runpath === undefined)
    .map((object) => ({ directories: split(object.elf.rpath ?? "", object, loader), kind: "rpath" }));
}

/** musl makes no difference between the two. */
function muslRpath(by: LoadedObject, loader: Loader): OwnDirectories[] {
  return chain(by).map((object) => ({
    directories: split(object.elf.runpath ?? object.elf.rpath ?? "", object, loader),
    kind: "rpath",
  }));
}

function chain(object: LoadedObject): LoadedObject[] {
  const objects: LoadedObject[] = [];
  for (let next: LoadedObject | undefined = object; next !== undefined; next = next.loadedBy) objects.push(next);
  return objects;
}

/** Relative directories, which depend on where a program is started, are passed over. */
function split(paths: string, object: LoadedObject, loader: Loader): string[] {
  return paths
    .split(":")
    .flatMap((path) => expand(path, object, loader) ?? [])
    .filter((path) => path.startsWith("/"));
}

/** Dynamic string tokens; undefined where one has no known value. */
function expand(path: string, object: LoadedObject, loader: Loader): string | undefined {
  let known = true;
  const expanded = path.replace(
    /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?!\w))/g,
    (_, braced?: string, bare?: string) => {
      const value = tokenValue(braced ?? bare ?? "", object, loader);
      if (value === undefined) known = false;
      return value ?? "";
    },
  );
  return known ? expanded : undefined;
}

function tokenValue(token: string, object: LoadedObject, loader: Loader): string | undefined {
  if (token === "ORIGIN") return originOf(object);
  if (loader.libc === "musl") return undefined;
  if (token === "LIB") return libOf(object.elf, loader);
  const platforms: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", 386: "i686" };
  return platforms[object.elf.architecture ?? ""];
}

/** A program is known by its real path, a library by the path that it was found at. */
function originOf({ file, loadedBy }: LoadedObject): string {
  return loadedBy === undefined
    ? `/${parentOf(file.entry.path)}`
    : file.path.slice(0, Math.max(1, file.path.lastIndexOf("/")));
}

/** `lib/x86_64-linux-gnu` where the loader searches such a directory, else `lib64` or `lib`. */
function libOf({ bits }: ElfFile, { directories }: Loader): string {
  const multiarch = directories.find((directory) => /^\/lib\/[^/]+-linux-[^/]+$/.test(directory));
  if (multiarch !== undefined) return `lib/${baseNameOf(multiarch as TreePath)}`;
  return bits === 64 ? "lib64" : "lib";
}
