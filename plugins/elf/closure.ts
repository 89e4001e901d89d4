/** What a loader would load for one program: breadth first, each library once, a name that is loaded found before any search. */
import {
  ImageDslError,
  baseNameOf,
  displayBytes,
  displayPath,
  readElfEntry,
  type ElfFile,
  type TreePath,
} from "../../core/index.ts";
import { findFile, type FoundFile, type HostFiles } from "./host-files.ts";
import { foreignLoader, loaderOf, type Loader } from "./loaders.ts";
import { candidates, isLoadersOwn, type Candidate, type LoadedObject } from "./search.ts";

export interface Closure {
  /** The program first, then the loader, then libraries as they are loaded. */
  readonly objects: readonly ClosureObject[];
  readonly loader: Loader;
}

export interface ClosureObject {
  readonly file: FoundFile;
  readonly elf: ElfFile;
  /** How the loader came to it; undefined for the program and its loader. */
  readonly by: Candidate["by"] | undefined;
  /** Real paths of what it needs. */
  readonly needs: ReadonlySet<TreePath>;
  /** Names of libraries, and of the loader, that it needs and this host cannot have: they are the image's own. */
  readonly lacks: ReadonlySet<string>;
}

interface Loaded extends LoadedObject {
  readonly by: Candidate["by"] | undefined;
  readonly needs: Set<TreePath>;
  readonly lacks: Set<string>;
}

/**
 * `also`: names or absolute paths of libraries that the program loads by itself; `isForeign`: it is for another machine than this host,
 * where what it brings along itself is found, by its own paths, and nothing else. Throws `E_ELF_NOT_FOUND` and `E_ELF_INVALID`. */
export function closureOf(host: HostFiles, program: FoundFile, also: readonly string[], isForeign: boolean): Closure {
  const elf = readObject(program);
  const interpreter =
    elf.interpreter === undefined || isForeign ? undefined : findInterpreter(host, elf.interpreter, program);
  const loader = isForeign ? foreignLoader(elf.interpreter) : loaderOf(host, interpreter);

  const loaded: Loaded[] = [];
  const byName = new Map<string, Loaded>();
  const byPath = new Map<TreePath, Loaded>();
  const load = (file: FoundFile, facts: ElfFile, loadedBy: LoadedObject | undefined, by?: Candidate["by"]) => {
    const object: Loaded = { file, elf: facts, loadedBy, by, needs: new Set(), lacks: new Set() };
    loaded.push(object);
    byPath.set(file.entry.path, object);
    if (facts.soname !== undefined && !byName.has(facts.soname)) byName.set(facts.soname, object);
    return object;
  };

  const root = load(program, elf, undefined);
  if (interpreter !== undefined) {
    const object = load(interpreter, readObject(interpreter), root);
    byName.set(baseNameOf(interpreter.path as TreePath), object);
    root.needs.add(interpreter.entry.path);
  }
  if (isForeign && elf.interpreter !== undefined) root.lacks.add(baseNameOf(elf.interpreter as TreePath));
  // The list grows while it is walked.
  for (const object of loaded) {
    for (const name of object === root ? [...object.elf.needed, ...also] : object.elf.needed) need(name, object);
    // musl's loader does not know of libraries that stand in for others.
    if (loader.libc === "musl") continue;
    for (const name of object.elf.filters) need(name, object);
    for (const name of object.elf.auxiliaries) if (isThere(name, object)) need(name, object);
  }
  return { objects: loaded, loader };

  function need(name: string, object: Loaded): void {
    if (isLoadersOwn(loader, name)) return;
    const present = byName.get(name) ?? find(name, object) ?? (isForeign ? undefined : refuse(name, object));
    if (present === undefined) {
      object.lacks.add(name);
      return;
    }
    byName.set(name, present);
    object.needs.add(present.file.entry.path);
  }

  function isThere(name: string, object: LoadedObject): boolean {
    return byName.has(name) || find(name, object) !== undefined;
  }

  function refuse(name: string, object: LoadedObject): never {
    throw notFound(name, object, candidates(name, object, loader));
  }

  function find(name: string, object: LoadedObject): Loaded | undefined {
    for (const { path, by } of candidates(name, object, loader)) {
      const file = findFile(host, path);
      if (file === undefined) continue;
      const present = byPath.get(file.entry.path);
      if (present !== undefined) return present;
      const facts = readObject(file);
      if (isSameKind(facts, elf)) return load(file, facts, object, by);
    }
    return undefined;
  }
}

/** Throws `E_ELF_INVALID` for scripts and the like. */
export function readObject({ path, entry }: FoundFile): ElfFile {
  const elf = readElfEntry(entry, path);
  if (elf === undefined) {
    throw new ImageDslError("E_ELF_INVALID", `${displayBytes(path)} is not an ELF file`, {
      hint: "If it is a script that starts a program, name the program; add scripts with files()",
    });
  }
  return elf;
}

function findInterpreter(host: HostFiles, path: string, program: FoundFile): FoundFile {
  const found = path.startsWith("/") ? findFile(host, path) : undefined;
  if (found !== undefined) return found;
  throw new ImageDslError(
    "E_ELF_NOT_FOUND",
    `Cannot find ${displayBytes(path)}, the dynamic loader of ${displayBytes(program.path)}`,
    {
      hint: "Install the C library that the program was built for",
    },
  );
}

/** A loader passes over libraries of another architecture and goes on searching. */
function isSameKind(a: ElfFile, b: ElfFile): boolean {
  return a.machine === b.machine && a.bits === b.bits && a.littleEndian === b.littleEndian;
}

function notFound(name: string, by: LoadedObject, sought: readonly Candidate[]): ImageDslError {
  const directories = [...new Set(sought.map(({ path }) => path.slice(0, path.lastIndexOf("/")) || "/"))];
  const where =
    directories.length === 0 ? "nowhere: it has no directory to search" : directories.map(displayBytes).join(", ");
  const needer =
    by.file.path === `/${by.file.entry.path}`
      ? displayBytes(by.file.path)
      : `${displayBytes(by.file.path)} (${displayPath(by.file.entry.path)})`;
  return new ImageDslError(
    "E_ELF_NOT_FOUND",
    `Cannot find ${displayBytes(name)}, which ${needer} needs; sought in ${where}`,
    {
      hint: "Install the package that has it, or run ldconfig where it is in a directory that /etc/ld.so.conf names",
    },
  );
}
