/** Host files, texts and files of the web as closure nodes. */
import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  baseNameOf,
  canonicalJson,
  decodeText,
  digestOfTexts,
  encodeText,
  fetchPinned,
  globMatcher,
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
  type FetchPinnedContext,
  type FileEntry,
  type HostReads,
  type TreePath,
  type Volatility,
} from "../../core/index.ts";
import { globsByFolder, matches } from "./globs.ts";
import { ignoredIn, type Ignored } from "./ignore/ignored.ts";
import { tellLeftOut, type TellingContext } from "./left-out.ts";
import { privateNames } from "./private-names.ts";
import { fetchedPath, type FetchFileOptions, type FilesOptions, type TextOptions } from "./sources.ts";
import { writtenBelow } from "./written.ts";

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

export type FilesContext = Pick<CollectContext, "directory" | "written" | "isForeign" | "reads" | "signal"> &
  TellingContext;

export function collectText(options: TextOptions): Collected {
  const { path, contents } = options;
  const bytes = Buffer.from(contents, "utf8");
  const content = { kind: "inline", bytes } as const;
  return loneFile("text", path, options, { size: bytes.length, content }, { contents }, "text");
}

/** Throws what `fetchPinned` throws. */
export async function collectFetched(options: FetchFileOptions, context: FetchPinnedContext): Promise<Collected> {
  const { file, digest } = await fetchPinned(options, context);
  const content = { kind: "slice", file, archive: digest, offset: 0 } as const;
  const size = statSync(file).size;
  return loneFile("fetchFile", fetchedPath(options), options, { size, content }, { digest }, "pinned");
}

/** `identity`: what stands for its content. */
function loneFile(
  kind: string,
  path: string,
  { mode, owner }: Pick<TextOptions, "mode" | "owner">,
  content: Pick<FileEntry, "size" | "content">,
  identity: { readonly [name: string]: string },
  volatility: Volatility,
): Collected {
  const entry: Entry = {
    type: "file",
    path: treePath(path),
    mode: mode ?? 0o644,
    ...ownerIds(owner),
    mtime: 1,
    ...content,
  };
  const id = idOf(kind, path, [
    canonicalJson({ path, mode, owner: ownerByName(owner) ?? ownerIds(owner), ...identity }),
  ]);
  return node(id, kind, path, FileTree.of([entry]), volatility);
}

/** What the options leave: a filter's failures are said to be its own. */
function wantedBy({ from, filter, exclude = [] }: FilesOptions): (path: TreePath) => boolean {
  const isExcluded = globMatcher(exclude);
  return (path) => {
    if (isExcluded(path)) return false;
    if (filter === undefined) return true;
    const text = decodeText(path) ?? path;
    try {
      return filter(text);
    } catch (cause) {
      const what = `files(${JSON.stringify(from)}): its filter failed for "${text}": ${messageOf(cause)}`;
      throw new ImageDslError("E_FILES", what, { cause, place: sourcePlace(cause) });
    }
  };
}

/** A link that is named stands for what it leads to, as for `cp`; links in a folder stay links. */
async function fromPath(from: string, options: FilesOptions, dest: TreePath, context: FilesContext): Promise<Entry[]> {
  const path = resolve(context.directory, from);
  context.reads.path(hostPath(path));
  const modes = options.mode === "keep" ? "keep" : "git";
  if (!isDirectory(from, path)) {
    const name = baseNameOf(hostPath(path) as TreePath);
    return [hostEntry(hostPath(realpathSync(path)), joinPath(dest, name), modes)];
  }
  const isWanted = wantedBy(options);
  const written = writtenBelow(path, from, context);
  const own = privateNames();
  const ignored = ignoredIn(path, context, options.ignore);
  // Asked first: only what was wanted is told to be left out.
  const keep = (below: TreePath): boolean =>
    isWanted(below) && !own.has(below) && !ignored.some((each) => each.has(below)) && !written.has(below);
  const { reads, signal } = context;
  const entries = await inTurns(listAll(hostPath(path), { dest, modes, keep, reads }), signal);
  tellLeftOut({ ...options, from }, { written, own, ignored }, context);
  const folders = ignored.some(({ kind }) => kind === "git")
    ? foldersIn(entries)
    : [...written.folders, ...ignored.flatMap(({ passages }) => [...passages])].map((path) => joinPath(dest, path));
  const taken = withoutEmptied(entries, new Set(folders));
  const leaving = ignored.find(({ met }) => met.size > 0);
  if (taken.length === 0 && leaving !== undefined) {
    throw new ImageDslError("E_FILES", `${leaving.file} leaves out all that "${from}" holds`, { hint: TAKE_ALL });
  }
  return taken;
}

const TAKE_ALL = "Write ignore: false to take what ignore files list";

async function fromGlobs(
  globs: readonly string[],
  options: FilesOptions,
  dest: TreePath,
  context: FilesContext,
): Promise<Entry[]> {
  const { directory } = context;
  const isWanted = wantedBy(options);
  const written = writtenBelow(directory, globs.join(" "), context);
  const own = privateNames(globs);
  const isBuilt = (path: TreePath): boolean => written.holds(path) || written.folders.includes(path);
  const kept = new Set<string>();
  const ignored: Ignored[] = [];
  const reads = withoutWritten(globs, context);
  for (const { folder, globs: together } of globsByFolder(globs)) {
    const left = folder === undefined ? [] : ignoredIn(resolve(directory, folder), context, options.ignore);
    ignored.push(...left);
    const isIgnored = (path: string): boolean => left.some((each) => ignoresMatch(each, folder!, path));
    const isKept = (match: string): boolean => {
      const path = encodeText(match) as TreePath;
      if (own.holds(path) || isIgnored(match) || !isWanted(path)) return false;
      return folder === undefined || !isBuilt(path);
    };
    for (const path of await matches(together, isKept, { ...context, reads })) kept.add(path);
  }
  tellLeftOut({ ...options, from: globs.join(" ") }, { written, own, ignored }, context);
  if (kept.size === 0) {
    const leaving = ignored.find(({ met }) => met.size > 0);
    const but = leaving === undefined ? "" : ` that ${leaving.file} does not leave out`;
    const what = `Nothing below ${directory}${but} matches ${globs.map((glob) => `"${glob}"`).join(", ")}`;
    throw new ImageDslError("E_FILES", what, leaving && { hint: TAKE_ALL });
  }
  const modes = options.mode === "keep" ? "keep" : "git";
  const entries: Entry[] = [];
  const add = (match: string): void => {
    const file = hostPath(resolve(directory, match));
    context.reads.path(file);
    entries.push(hostEntry(file, joinPath(dest, treePath(match)), modes));
  };
  await inTurns(visitAll(kept, add), context.signal);
  return entries;
}

/** What builds write beside what globs take is no change. Asked about by itself: what no glob takes was not left out. */
function withoutWritten(globs: readonly string[], context: FilesContext): HostReads {
  const { directory, reads } = context;
  const written = writtenBelow(directory, globs.join(" "), context);
  const folderIn = hostPath(directory);
  return {
    ...reads,
    folder(folder) {
      const below = folder.startsWith(`${folderIn}/`) ? `${folder.slice(folderIn.length + 1)}/` : "";
      reads.folder(folder, (name) => !written.has(`${below}${name}` as TreePath));
    },
  };
}

/** A folder that is walked through for what is taken again in it is itself no match. */
function ignoresMatch(ignored: Ignored, folder: string, match: string): boolean {
  const path = encodeText(folder === "." ? match : match.slice(folder.length + 1)) as TreePath;
  return ignored.has(path) || ignored.passages.has(path);
}

function foldersIn(entries: readonly Entry[]): readonly TreePath[] {
  return entries.flatMap(({ type, path }) => (type === "directory" ? [path] : []));
}

/** Folders that builds write into, or in which an ignore file takes something again, may be there for that alone. */
function withoutEmptied(entries: Entry[], inQuestion: ReadonlySet<TreePath>): Entry[] {
  if (inQuestion.size === 0) return entries;
  const holding = new Set<TreePath>();
  // What a folder holds comes behind it.
  const kept = entries.toReversed().filter(({ path }) => {
    if (inQuestion.has(path) && !holding.has(path)) return false;
    holding.add(parentOf(path));
    return true;
  });
  return kept.reverse();
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
