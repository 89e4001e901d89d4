/** Host files and texts as closure nodes. */
import { lstatSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  baseNameOf,
  canonicalJson,
  decodeText,
  digestOf,
  hexOf,
  hostEntry,
  hostPath,
  joinPath,
  ownerIds,
  treePath,
  walk,
  type Collected,
  type Entry,
  type TreePath,
} from "../../core/index.ts";
import type { FilesOptions, TextOptions } from "./sources.ts";

/** Throws `E_FILES` where nothing is there or nothing matches. `directory` is where relative paths start. */
export async function collectFiles(options: FilesOptions, directory: string): Promise<Collected> {
  const dest = treePath(options.dest ?? "/");
  const entries =
    typeof options.from === "string"
      ? fromPath(options.from, options, dest, directory)
      : await fromGlobs(options.from, options, dest, directory);
  const hasRules = typeof options.mode === "number" || options.owner !== undefined;
  const tree = FileTree.of(hasRules ? entries.map((entry) => withRules(entry, options)) : entries);
  const name = nameOf(options.from, directory);
  const id = idOf("files", name, identityOf(tree));
  // Said here, so that the merged tree can take the entries as they are: there may be very many.
  return node(id, "files", name, tree.withOrigin(id));
}

export function collectText({ path, contents, mode, owner }: TextOptions): Collected {
  const bytes = Buffer.from(contents, "utf8");
  const entry: Entry = {
    type: "file",
    path: treePath(path),
    mode: mode ?? 0o644,
    ...ownerIds(owner),
    mtime: 1,
    size: bytes.length,
    content: { kind: "inline", bytes },
  };
  const id = idOf("text", path, canonicalJson({ path, mode, owner: ownerIds(owner), contents }));
  return node(id, "text", path, FileTree.of([entry]));
}

function fromPath(from: string, options: FilesOptions, dest: TreePath, directory: string): Entry[] {
  const path = hostPath(resolve(directory, from));
  const modes = options.mode === "keep" ? "keep" : "git";
  if (!isDirectory(from, resolve(directory, from))) {
    return [hostEntry(path, joinPath(dest, baseNameOf(path as TreePath)), modes)];
  }
  const { filter } = options;
  return walk(path, { dest, modes, ...(filter && { keep: (below) => filter(decodeText(below) ?? below) }) });
}

async function fromGlobs(
  globs: readonly string[],
  options: FilesOptions,
  dest: TreePath,
  directory: string,
): Promise<Entry[]> {
  const { glob } = await import("tinyglobby");
  const matches = await glob([...globs], {
    cwd: directory,
    dot: true,
    onlyFiles: true,
    expandDirectories: false,
    followSymbolicLinks: false,
  });
  const kept = options.filter ? matches.filter(options.filter) : matches;
  if (kept.length === 0) {
    throw new ImageDslError(
      "E_FILES",
      `Nothing below ${directory} matches ${globs.map((glob) => `"${glob}"`).join(", ")}`,
    );
  }
  const modes = options.mode === "keep" ? "keep" : "git";
  return kept.map((match) => hostEntry(hostPath(resolve(directory, match)), joinPath(dest, treePath(match)), modes));
}

function withRules(entry: Entry, { mode, owner }: FilesOptions): Entry {
  const owned = { ...entry, ...ownerIds(owner) };
  return typeof mode === "number" && entry.type === "file" ? { ...owned, mode } : owned;
}

/**
 * What is told apart: the paths that were collected, with their rules. Not the options, since a function's text differs
 * between runtimes; and not the content, so that an edited file stays in its layer.
 */
function identityOf(tree: FileTree): string {
  // A path holds no NUL, which parts it from what stands behind it.
  return tree
    .entries()
    .map(({ path, type, mode, uid, gid }) => `${path}\0${type} ${mode} ${uid} ${gid}`)
    .join("\n");
}

/** As the config says it, but for where the folder lies on this host, which must not reach the image. */
function nameOf(from: string | readonly string[], directory: string): string {
  return [from]
    .flat()
    .map((path) => inside(relative(directory, resolve(directory, path)), path))
    .join(" ");
}

function inside(path: string, absolute: string): string {
  if (path === "") return ".";
  return path.startsWith("..") ? basename(absolute) : path;
}

function idOf(kind: string, name: string, identity: string): string {
  return `${kind}:${name}#${hexOf(digestOf(identity)).slice(0, 12)}`;
}

function node(id: string, kind: string, name: string, tree: FileTree): Collected {
  return { nodes: [{ id, kind, name, tree, size: tree.contentSize(), needs: [] }], roots: [id] };
}

function isDirectory(from: string, path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new ImageDslError("E_FILES", `There is no "${from}" (looked for ${path})`, {
      hint: "Paths start from the config's folder; run what builds it first",
    });
  }
  return stat.isDirectory();
}
