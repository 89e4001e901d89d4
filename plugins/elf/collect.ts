/** Collects one `elf` source: closure nodes for programs and libraries, and the links and settings around them. */
import { resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  baseNameOf,
  digestOf,
  displayBytes,
  encodeText,
  hexOf,
  inlineFile,
  joinPath,
  lookup,
  parentOf,
  platformText,
  treePath,
  treePathFromBytes,
  type ClosureNode,
  type Collected,
  type CollectContext,
  type Entry,
  type Platform,
  type TreePath,
} from "../../core/index.ts";
import { fitsPlatform, runsHere } from "./architecture.ts";
import { closureOf, readObject, type Closure, type ClosureObject } from "./closure.ts";
import { findProgram } from "./find-program.ts";
import { hostFiles, realPath, type FoundFile, type HostFiles } from "./host-files.ts";
import type { LackingObject } from "./lacking.ts";
import type { ElfOptions } from "./options.ts";

export interface ElfCollected extends Collected {
  readonly lacking: readonly LackingObject[];
}

export function collectElf(
  options: ElfOptions,
  { directory, platform, emit }: Pick<CollectContext, "directory" | "platform" | "emit">,
): ElfCollected {
  const host = hostFiles(encodeText(options.root === undefined ? "/" : resolve(directory, options.root)));
  const idPrefix = options.root === undefined ? "elf:" : `elf:${encodeText(options.root)}:`;
  const idOf = (path: TreePath): string => `${idPrefix}/${path}`;
  const also = (options.also ?? []).map(encodeText);

  const nodes = new Map<string, ClosureNode>();
  const image = new Map<TreePath, Entry>();
  const roots: string[] = [];
  const lacking: LackingObject[] = [];
  for (const name of [options.files].flat()) {
    const program = findProgram(host, name, { directory, rooted: options.root !== undefined });
    checkArchitecture(program, platform);
    // With `root`, that is where its libraries are.
    const isForeign = options.root === undefined && !runsHere(readObject(program));
    const closure = closureOf(host, program, also, isForeign);
    const [main, ...libraries] = closure.objects;
    const dest = options.dest === undefined ? undefined : destination(options.dest, program);
    if (dest !== undefined) warnOfOrigin(closure, dest);
    const id =
      dest === undefined || dest === program.entry.path
        ? idOf(program.entry.path)
        : `${idOf(program.entry.path)}@/${dest}`;
    addNode({
      ...nodeOf(main!, idOf),
      id,
      tree: FileTree.of([dest === undefined ? program.entry : { ...program.entry, path: dest }]),
    });
    roots.push(id);
    for (const object of libraries) addNode(libraryNode(host, object, idOf));
    for (const { file, elf, lacks } of closure.objects) {
      if (lacks.size === 0) continue;
      const { machine, bits, littleEndian } = elf;
      const node = file === program ? id : idOf(file.entry.path);
      lacking.push({ node, path: file.path, machine, bits, littleEndian, needed: [...lacks] });
    }
    // What is loaded by name is asked for too, should another source have brought the program without it.
    const alsoFound = closure.objects.filter(({ elf }) => also.includes(elf.soname ?? ""));
    roots.push(...alsoFound.map(({ file }) => idOf(file.entry.path)));
    for (const entry of surroundings(host, closure, dest === undefined)) image.set(entry.path, entry);
  }
  const inNodes = new Set([...nodes.values()].flatMap(({ tree }) => tree.entries().map(({ path }) => path)));
  const rest = [...image.values()].filter(({ path }) => !inNodes.has(path));
  return { nodes: [...nodes.values()], roots: [...new Set(roots)], image: FileTree.of(rest), lacking };

  /** Two programs may find other libraries for one, by an RPATH of theirs. */
  function addNode(node: ClosureNode): void {
    const earlier = nodes.get(node.id);
    nodes.set(
      node.id,
      earlier === undefined ? node : { ...node, needs: [...new Set([...earlier.needs, ...node.needs])].toSorted() },
    );
  }

  function warnOfOrigin({ objects }: Closure, to: TreePath): void {
    const { elf, file } = objects[0]!;
    if (!/\$\{?ORIGIN/.test(`${elf.rpath ?? ""}${elf.runpath ?? ""}`) || parentOf(to) === parentOf(file.entry.path))
      return;
    emit({
      type: "warning",
      code: "W_ELF_ORIGIN",
      message: `${displayBytes(file.path)} finds libraries by their place relative to its own, and dest moves it to /${displayBytes(to)}`,
      hint: "Leave dest out, or link to the program from there",
    });
  }
}

function nodeOf(
  { file, elf, needs }: ClosureObject,
  idOf: (path: TreePath) => string,
): Omit<ClosureNode, "id" | "tree"> {
  return {
    kind: "elf",
    name: elf.soname ?? baseNameOf(file.entry.path),
    size: file.entry.size,
    needs: [...needs].map(idOf).toSorted(),
  };
}

/** The file, and beside it the link that has its soname: the same whichever way it was found. */
function libraryNode(host: HostFiles, object: ClosureObject, idOf: (path: TreePath) => string): ClosureNode {
  const { entry } = object.file;
  const soname = object.elf.soname;
  const link =
    soname === undefined || soname.includes("/") ? undefined : host.get(joinPath(parentOf(entry.path), soname));
  const isItsLink = link?.type === "symlink" && lookup(host, link.path)?.path === entry.path;
  return { ...nodeOf(object, idOf), id: idOf(entry.path), tree: FileTree.of(isItsLink ? [entry, link] : [entry]) };
}

/** Links of directories (`/lib64`) and other links on the way, and what makes the loader search where it does here. */
function surroundings(host: HostFiles, { objects, loader }: Closure, withProgramLinks: boolean): Entry[] {
  const files = objects.filter((_, index) => index > 0 || withProgramLinks).map(({ file }) => file);
  const entries: Entry[] = files.flatMap(({ links }) => links);
  const { configuration } = loader;
  if (configuration !== undefined) entries.push(configuration.entry, ...configuration.links);
  const searched = new Set(loader.directories.map((directory) => realPath(host, directory)));
  const cachedOnly = objects
    .filter(({ by, file }) => by === "cache" && !searched.has(realPath(host, directoryOf(file))))
    .map(({ file }) => directoryOf(file));
  if (cachedOnly.length > 0) entries.push(loaderConfiguration([...new Set(cachedOnly)].toSorted()));
  return entries;
}

/** The image gets a cache of its own, made from this. */
function loaderConfiguration(directories: readonly string[]): Entry {
  const bytes = Buffer.from(directories.map((directory) => `${directory}\n`).join(""), "latin1");
  return inlineFile(treePath(`etc/ld.so.conf.d/elf-${hexOf(digestOf(bytes)).slice(0, 12)}.conf`), bytes);
}

function directoryOf({ path }: FoundFile): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function destination(dest: string, program: FoundFile): TreePath {
  return dest.endsWith("/") ? joinPath(treePath(dest), baseNameOf(treePathFromBytes(program.path))) : treePath(dest);
}

function checkArchitecture(program: FoundFile, platform: Platform): void {
  const { architecture = "an unknown architecture" } = readObject(program);
  if (fitsPlatform(architecture, platform)) return;
  throw new ImageDslError(
    "E_ELF_ARCHITECTURE",
    `${displayBytes(program.path)} is for ${architecture}, but the image is for ${platformText(platform)}`,
    {
      hint: "Give the program that was built for the image's platform, or build for the program's",
    },
  );
}
