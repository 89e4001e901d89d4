/**
 * What globs take: files of every kind, links as links, and directories with something in them that was taken, or with
 * nothing at all. So `app/**` takes what the folder `app` holds.
 */
import { lstatSync, readdir, type Dirent } from "node:fs";
import { posix, resolve } from "node:path";
import {
  ImageDslError,
  comparePaths,
  encodeText,
  giveTurn,
  hostPath,
  inTurns,
  messageOf,
  parentOf,
  systemCodeOf,
  visitAll,
  type CollectContext,
  type TreePath,
} from "../../core/index.ts";

/** `directory`: the config's. */
export type GlobContext = Pick<CollectContext, "directory" | "reads" | "signal">;

/** Paths from the config's folder, in tree order. Throws `E_FILES` for a folder that cannot be read. */
export async function matches(
  globs: readonly string[],
  keep: (path: string) => boolean,
  context: GlobContext,
): Promise<readonly string[]> {
  const { directory, signal } = context;
  const { paths, folders, empty } = await list(globs, context);
  await giveTurn(signal);
  const sorted = Array.from(paths, (path) => ({ path, bytes: encodeText(path) as TreePath }));
  // What lies in a folder comes before it, so that it has been decided.
  sorted.sort((a, b) => -comparePaths(a.bytes, b.bytes));
  await giveTurn(signal);
  const holding = new Set<TreePath>();
  const kept: string[] = [];
  const decide = ({ path, bytes }: (typeof sorted)[number]): void => {
    const isFull = folders.has(path) && !empty.has(resolve(directory, path));
    if (!(isFull ? holding.has(bytes) : keep(path))) return;
    holding.add(parentOf(bytes));
    kept.push(path);
  };
  await inTurns(visitAll(sorted, decide), signal);
  return kept.reverse();
}

/**
 * Globs by the folder that they name before their first sign, from the config's, each group with those that exclude. Without
 * a folder: those that name what they take outright.
 */
export function globsByFolder(globs: readonly string[]): readonly GlobsOfFolder[] {
  const excluding = globs.filter(isExcluding);
  const groups = new Map<string | undefined, string[]>();
  for (const glob of globs.filter((each) => !isExcluding(each))) {
    const names = glob.split("/");
    const magic = names.findIndex(isMagic);
    const folder =
      magic < 0 ? undefined : withoutEnd(posix.normalize(names.slice(0, magic).join("/") || leading(glob)));
    groups.set(folder, [...(groups.get(folder) ?? []), glob]);
  }
  return Array.from(groups, ([folder, taking]) => ({ folder, globs: [...taking, ...excluding] }));
}

export interface GlobsOfFolder {
  readonly folder: string | undefined;
  readonly globs: readonly string[];
}

function leading(glob: string): string {
  return glob.startsWith("/") ? "/" : ".";
}

function withoutEnd(folder: string): string {
  return folder.replace(/(?<=.)\/$/, "");
}

interface Listing {
  readonly paths: ReadonlySet<string>;
  /** Those of `paths` that are. */
  readonly folders: ReadonlySet<string>;
  /** Absolute. */
  readonly empty: ReadonlySet<string>;
}

/** The library walks from the folder that all globs have in common, and through no link on the way to one alone. */
async function list(globs: readonly string[], context: GlobContext): Promise<Listing> {
  const excluding = globs.filter(isExcluding);
  const taking = globs.filter((glob) => !isExcluding(glob));
  const throughLinks = taking.filter((glob) => leadsThroughLink(glob, context.directory));
  const together = taking.filter((glob) => !throughLinks.includes(glob));
  const listings: Listing[] = [];
  for (const group of [together, ...throughLinks.map((glob) => [glob])]) {
    if (group.length > 0) listings.push(await listAtOnce([...group, ...excluding], context));
  }
  const all = (part: keyof Listing): ReadonlySet<string> => new Set(listings.flatMap((each) => [...each[part]]));
  return listings.length === 1 ? listings[0]! : { paths: all("paths"), folders: all("folders"), empty: all("empty") };
}

/** `!(a|b)` is a glob for names. */
function isExcluding(glob: string): boolean {
  return glob.startsWith("!") && !glob.startsWith("!(");
}

function leadsThroughLink(glob: string, directory: string): boolean {
  const folders = glob.split("/").slice(0, -1);
  const magic = folders.findIndex(isMagic);
  return folders
    .slice(0, magic < 0 ? undefined : magic)
    .some((_, index, names) => isLink(resolve(directory, names.slice(0, index + 1).join("/") || "/")));
}

function isMagic(name: string): boolean {
  return /[*?[\]{}()!+@\\]/.test(name);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

async function listAtOnce(globs: readonly string[], { directory, reads, signal }: GlobContext): Promise<Listing> {
  const { glob } = await import("tinyglobby");
  const empty = new Set<string>();
  const failures: { readonly path: string; readonly error: Error }[] = [];
  // The library passes over links, and over what cannot be read, without a word: so it is shown links as files.
  const read = (path: string, _options: unknown, done: (error: Error | null, entries: readonly Dirent[]) => void) => {
    reads.folder(hostPath(resolve(path)));
    readdir(path, { withFileTypes: true }, (error, entries = []) => {
      if (error === null && entries.length === 0) empty.add(resolve(path));
      if (error !== null && isFailure(error, path)) failures.push({ path, error });
      done(error, entries.map(asFileOrFolder));
    });
  };
  const found = await glob(globs.map(insideOf), {
    cwd: directory,
    dot: true,
    onlyFiles: false,
    expandDirectories: false,
    followSymbolicLinks: false,
    fs: { readdir: read as unknown as typeof readdir },
    signal,
  });
  await giveTurn(signal);
  const [failure] = failures.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (failure !== undefined) {
    throw new ImageDslError("E_FILES", `Cannot read ${resolve(failure.path)}: ${messageOf(failure.error)}`, {
      cause: failure.error,
    });
  }
  const paths = new Set<string>();
  const folders = new Set<string>();
  const add = (each: string): void => {
    // How the folder that the walk began at is told.
    if (/(^|\/)\.{1,2}\/?$/.test(each)) return;
    const isFolder = each.endsWith("/");
    const path = isFolder ? each.slice(0, -1) : each;
    paths.add(path);
    if (isFolder) folders.add(path);
  };
  await inTurns(visitAll(found, add), signal);
  return { paths, folders, empty };
}

/** A folder's own entry is none of what it holds, whatever other globs stand beside. */
function insideOf(glob: string): string {
  return !isExcluding(glob) && /(^|\/)\*\*\/?$/.test(glob) ? `${glob.replace(/\/$/, "")}/*` : glob;
}

/** A glob may begin with what is not there. A name that is not UTF-8 was not understood, so it cannot be found again. */
function isFailure(error: Error, path: string): boolean {
  return !["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "") || path.includes("\uFFFD");
}

function asFileOrFolder(entry: Dirent): Dirent {
  if (entry.isFile() || entry.isDirectory()) return entry;
  return Object.assign(Object.create(Object.getPrototypeOf(entry) as object) as Dirent, {
    name: entry.name,
    isFile: () => true,
    isDirectory: () => false,
    isSymbolicLink: () => false,
  });
}
