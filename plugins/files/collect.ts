/** Host files and texts as closure nodes. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  baseNameOf,
  canonicalJson,
  decodeText,
  digestOfTexts,
  displayBytes,
  encodeText,
  hexOf,
  hostEntry,
  hostPath,
  joinPath,
  messageOf,
  ownerByName,
  ownerIds,
  parentOf,
  sourcePlace,
  treePath,
  giveTurn,
  inTurns,
  listAll,
  visitAll,
  type CollectContext,
  type Collected,
  type Entry,
  type TreePath,
  type Volatility,
} from "../../core/index.ts";
import { matches } from "./globs.ts";
import { privateNames, type PrivateNames } from "./private-names.ts";
import type { FilesOptions, TextOptions } from "./sources.ts";
import { writtenBelow, type WrittenBelow } from "./written.ts";

/** Throws `E_FILES` where nothing is there or nothing matches. */
export async function collectFiles(options: FilesOptions, context: FilesContext): Promise<Collected> {
  const dest = treePath(options.dest ?? "/");
  const { from } = options;
  const entries =
    typeof from === "string"
      ? await fromPath(from, options, dest, context)
      : await fromGlobs(from, options, dest, context);
  const hasRules = typeof options.mode === "number" || options.owner !== undefined;
  const ruled = hasRules ? entries.map((entry) => withRules(entry, options)) : entries;
  await giveTurn(context.signal);
  const tree = FileTree.of(ruled);
  await giveTurn(context.signal);
  const name = nameOf(from, context.directory);
  const id = idOf("files", name, identityOf(tree, ownerByName(options.owner)));
  await giveTurn(context.signal);
  // Said here, so that the merged tree can take the entries as they are: there may be very many.
  return node(id, "files", name, tree.withOrigin(id), "project");
}

export type FilesContext = Pick<CollectContext, "directory" | "written" | "target" | "emit" | "signal">;

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
  const id = idOf("text", path, [
    canonicalJson({ path, mode, owner: ownerByName(owner) ?? ownerIds(owner), contents }),
  ]);
  return node(id, "text", path, FileTree.of([entry]), "text");
}

/** The user's filter, whose failures are said to be its own. */
function filterOf({ from, filter }: FilesOptions): ((path: string) => boolean) | undefined {
  if (filter === undefined) return undefined;
  return (path) => {
    try {
      return filter(path);
    } catch (cause) {
      const what = `files(${JSON.stringify(from)}): its filter failed for "${path}": ${messageOf(cause)}`;
      throw new ImageDslError("E_FILES", what, { cause, place: sourcePlace(cause) });
    }
  };
}

/** A link that is named stands for what it leads to, as for `cp`; links in a folder stay links. */
async function fromPath(from: string, options: FilesOptions, dest: TreePath, context: FilesContext): Promise<Entry[]> {
  const path = resolve(context.directory, from);
  const modes = options.mode === "keep" ? "keep" : "git";
  if (!isDirectory(from, path)) {
    const name = baseNameOf(hostPath(path) as TreePath);
    return [hostEntry(hostPath(realpathSync(path)), joinPath(dest, name), modes)];
  }
  const filter = filterOf(options);
  const written = writtenBelow(path, context.written);
  const own = privateNames();
  const keep = (below: TreePath): boolean =>
    !written.has(below) && !own.has(below) && (filter === undefined || filter(decodeText(below) ?? below));
  const entries = await inTurns(listAll(hostPath(path), { dest, modes, keep }), context.signal);
  tellWritten(from, written, context);
  tellPrivate(from, own, context);
  return withoutEmptied(entries, written, dest);
}

async function fromGlobs(
  globs: readonly string[],
  options: FilesOptions,
  dest: TreePath,
  context: FilesContext,
): Promise<Entry[]> {
  const { directory } = context;
  const filter = filterOf(options);
  const written = writtenBelow(directory, context.written);
  const own = privateNames(globs);
  const isKept = (path: string): boolean => {
    const bytes = encodeText(path) as TreePath;
    if (own.holds(bytes)) return false;
    return !written.holds(bytes) && !written.folders.includes(bytes) && (filter === undefined || filter(path));
  };
  const kept = await matches(globs, directory, isKept, context.signal);
  tellWritten(globs.join(" "), written, context);
  tellPrivate(globs.join(" "), own, context);
  if (kept.length === 0) {
    throw new ImageDslError(
      "E_FILES",
      `Nothing below ${directory} matches ${globs.map((glob) => `"${glob}"`).join(", ")}`,
    );
  }
  const modes = options.mode === "keep" ? "keep" : "git";
  const entries: Entry[] = [];
  const add = (match: string): void => {
    entries.push(hostEntry(hostPath(resolve(directory, match)), joinPath(dest, treePath(match)), modes));
  };
  await inTurns(visitAll(kept, add), context.signal);
  return entries;
}

/** Folders that builds write into, and in which nothing else lies, may be there for that alone. */
function withoutEmptied(entries: Entry[], { folders }: WrittenBelow, dest: TreePath): Entry[] {
  if (folders.length === 0) return entries;
  const gone = new Set<TreePath>();
  for (const folder of folders) {
    const path = joinPath(dest, folder);
    const inside = entries.some((entry) => parentOf(entry.path) === path && !gone.has(entry.path));
    if (!inside) gone.add(path);
  }
  return entries.filter(({ path }) => !gone.has(path));
}

function tellWritten(from: string, { met }: WrittenBelow, { emit, target }: FilesContext): void {
  if (met.size === 0) return;
  const names = [...met].sort().map(displayBytes);
  emit({
    type: "note",
    message: `${target}: files("${from}") leaves out what builds of this config write: ${names.join(", ")}`,
  });
}

function tellPrivate(from: string, { met }: PrivateNames, { emit, target }: FilesContext): void {
  if (met.size === 0) return;
  const names = [...met].sort().map((name) => displayBytes(encodeText(name)));
  emit({
    type: "note",
    message: `${target}: files("${from}") leaves out ${names.join(", ")}; what is named outright comes along`,
  });
}

function withRules(entry: Entry, { mode, owner }: FilesOptions): Entry {
  const owned = { ...entry, ...ownerIds(owner) };
  return typeof mode === "number" && entry.type === "file" ? { ...owned, mode } : owned;
}

/**
 * What is told apart: the paths that were collected, with their rules. Not the options, since a function's text differs
 * between runtimes; and not the content, so that an edited file stays in its layer.
 */
function* identityOf(tree: FileTree, owner: string | undefined): Generator<string> {
  let between = "";
  if (owner !== undefined) yield `${owner}\n`;
  for (const { path, type, mode, uid, gid } of tree.entries()) {
    // A path holds no NUL, which parts it from what stands behind it.
    yield `${between}${path}\0${type} ${mode} ${uid} ${gid}`;
    between = "\n";
  }
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

function idOf(kind: string, name: string, identity: Iterable<string>): string {
  return `${kind}:${name}#${hexOf(digestOfTexts(identity)).slice(0, 12)}`;
}

function node(id: string, kind: string, name: string, tree: FileTree, volatility: Volatility): Collected {
  return { nodes: [{ id, kind, name, tree, size: tree.contentSize(), needs: [], volatility }], roots: [id] };
}

function isDirectory(from: string, path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    const message = isLink ? `"${from}" is a link that leads to nothing` : `There is no "${from}"`;
    throw new ImageDslError("E_FILES", `${message} (looked for ${path}: ${messageOf(cause)})`, {
      hint: "Paths start from the config's folder; run what builds it first",
      cause,
    });
  }
}
