/**
 * Lays a tree out on disk, for a script or as an output: unprivileged, below one fresh directory, following no link. Everything is a
 * copy, since scripts may write into files in place. Real modes always let the owner read and write, so that the
 * script can work and the directory can be removed; the tree's own modes and owners are the runner's matter.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
  type BigIntStats,
} from "node:fs";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import type { Entry, FileEntry, HostPath } from "../model/entry.ts";
import { ROOT, displayPath, parentOf, type TreePath } from "../model/path.ts";
import { openContent } from "./content.ts";
import type { FileTree } from "./file-tree.ts";
import { toFsPath } from "./host.ts";
import { atOnce, visitAll, type Pausing } from "./turns.ts";

export interface MaterializeOptions {
  /** What the directory is for, which decides what can be done where the disk takes no more, or not such a file. */
  readonly purpose: "script" | "output";
  /**
   * Whether a faked session will show modes, owners and special files: special files are laid out as empty
   * placeholders, and set-id bits are left off the disk. Without it special files are left out.
   */
  readonly faked: boolean;
  /** Which files are wanted; all without it. Directories and symbolic links are always laid out. */
  readonly wants?: (path: TreePath) => boolean;
  /** What is in a directory comes last to first: some file systems list it in the order in which it came. */
  readonly backwards?: boolean;
}

/** One entry as it was laid out. */
export interface LaidEntry {
  readonly entry: Entry;
  /** The real mode, type included. */
  readonly mode: number;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly nlink: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly birthtimeNs: bigint;
}

/** A tree on disk, and what each of its files was when it was laid out. */
export interface LaidTree {
  /** Absolute, a byte string; holds the tree and nothing else. */
  readonly directory: HostPath;
  /** By path, in tree order. */
  readonly entries: ReadonlyMap<TreePath, LaidEntry>;
}

/**
 * Writes `tree` below `directory`, which must exist, be empty, and be writable by nobody else. Throws `E_TREE_INVALID`
 * before anything is written where an entry's parent is no directory of the tree, `E_NO_SPACE` on a full disk.
 */
export function materializeTree(tree: FileTree, directory: HostPath, options: MaterializeOptions): LaidTree {
  return atOnce(layOutTree(tree, directory, options));
}

/** As `materializeTree`, with pauses. */
export function* layOutTree(tree: FileTree, directory: HostPath, options: MaterializeOptions): Pausing<LaidTree> {
  const wanted = yield* selectEntries(tree, options);
  yield* checkParents(wanted);
  const laid = new Map<TreePath, LaidEntry>();
  for (const entry of options.backwards ? backwards(wanted) : wanted) {
    if (entry.type !== "hardlink") laid.set(entry.path, yield* layOutGuarded(entry, directory, options));
    yield;
  }
  const linkTargets = new Set<TreePath>();
  for (const entry of wanted) {
    if (entry.type !== "hardlink") continue;
    guarded(entry, options, () => linkSync(placeOf(directory, entry.target), placeOf(directory, entry.path)));
    linkTargets.add(entry.target);
    yield;
  }
  // Last, since what is made in a directory changes its time, and a link its file's.
  for (const entry of wanted.toReversed()) {
    yield;
    if (entry.type === "directory")
      guarded(entry, options, () => utimesSync(placeOf(directory, entry.path), entry.mtime, entry.mtime));
    else if (entry.type !== "hardlink" && !linkTargets.has(entry.path)) continue;
    laid.set(entry.path, laidEntry(entry, lstatSync(placeOf(directory, entry.path), { bigint: true })));
  }
  const entries = new Map<TreePath, LaidEntry>();
  yield* visitAll(wanted, ({ path }) => entries.set(path, laid.get(path)!));
  return { directory, entries };
}

/** Directories first all the same, since the rest goes into them. */
function backwards(entries: readonly Entry[]): readonly Entry[] {
  const directories = entries.filter(({ type }) => type === "directory");
  return [...directories, ...entries.filter(({ type }) => type !== "directory").toReversed()];
}

/** What `fs` takes for the place of `path` below `directory`. */
export function placeOf(directory: HostPath, path: TreePath): string | Buffer {
  return toFsPath(path === ROOT ? directory : `${directory}/${path}`);
}

function* selectEntries(tree: FileTree, { faked, wants }: MaterializeOptions): Pausing<readonly Entry[]> {
  const isSpecial = (entry: Entry) => entry.type === "character" || entry.type === "block" || entry.type === "fifo";
  const isWanted = (entry: Entry) => {
    if (isSpecial(entry) && !faked) return false;
    if (entry.type === "directory" || entry.type === "symlink") return true;
    return wants === undefined || wants(entry.path);
  };
  const linkTargets = new Set<TreePath>();
  yield* visitAll(tree.entries(), (entry) => {
    if (entry.type === "hardlink" && isWanted(entry)) linkTargets.add(entry.target);
  });
  // All names of a file or none, so that a script's change reaches each of them.
  const isInGroup = (entry: Entry) => linkTargets.has(entry.type === "hardlink" ? entry.target : entry.path);
  const wanted: Entry[] = [];
  yield* visitAll(tree.entries(), (entry) => {
    if (isWanted(entry) || isInGroup(entry)) wanted.push(entry);
  });
  return wanted;
}

/** `FileTree` keeps to this; laying out a hostile tree outside its directory is too bad an end to rely on it. */
function* checkParents(entries: readonly Entry[]): Pausing<void> {
  const directories = new Set<TreePath>([ROOT]);
  yield* visitAll(entries, (entry) => {
    if (!directories.has(parentOf(entry.path))) {
      throw new ImageDslError(
        "E_TREE_INVALID",
        `Cannot lay out ${displayPath(entry.path)}: what holds it is no directory`,
      );
    }
    if (entry.type === "directory") directories.add(entry.path);
  });
}

function* layOutGuarded(
  entry: Exclude<Entry, { type: "hardlink" }>,
  directory: HostPath,
  options: MaterializeOptions,
): Pausing<LaidEntry> {
  try {
    return yield* layOut(entry, directory, options);
  } catch (cause) {
    throw failure(entry, options, cause);
  }
}

function* layOut(
  entry: Exclude<Entry, { type: "hardlink" }>,
  directory: HostPath,
  options: MaterializeOptions,
): Pausing<LaidEntry> {
  const place = placeOf(directory, entry.path);
  if (entry.type === "directory") {
    mkdirSync(place, 0o700);
    chmodSync(place, realMode(entry, options));
  } else if (entry.type === "symlink") {
    symlinkSync(toFsPath(entry.target), place);
    lutimesSync(place, entry.mtime, entry.mtime);
  } else {
    return yield* createFile(entry, place, options);
  }
  return laidEntry(entry, lstatSync(place, { bigint: true }));
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

function* createFile(entry: Entry, place: string | Buffer, options: MaterializeOptions): Pausing<LaidEntry> {
  const fd = openSync(place, CREATE, 0o600);
  try {
    if (entry.type === "file" && entry.size > 0) yield* copyContent(entry, fd);
    // After the content: writing takes set-id bits away.
    fchmodSync(fd, realMode(entry, options));
    futimesSync(fd, entry.mtime, entry.mtime);
    return laidEntry(entry, fstatSync(fd, { bigint: true }));
  } finally {
    closeSync(fd);
  }
}

const PIECE = 1024 * 1024;

let shared: Buffer | undefined;

function* copyContent(entry: FileEntry, fd: number): Pausing<void> {
  // Others may copy during a pause; in a small file there is none.
  const buffer = entry.size > PIECE ? Buffer.allocUnsafe(PIECE) : (shared ??= Buffer.allocUnsafe(PIECE));
  const reader = openContent(entry);
  try {
    for (let left = entry.size; left > 0;) {
      const count = reader.read(buffer, 0, Math.min(left, buffer.length));
      for (let written = 0; written < count;) written += writeSync(fd, buffer, written, count - written);
      left -= count;
      if (left > 0) yield;
    }
    reader.finish();
  } finally {
    reader.close();
  }
}

function realMode(entry: Entry, { faked }: MaterializeOptions): number {
  const mode = faked ? entry.mode & 0o777 : entry.mode;
  return mode | (entry.type === "directory" ? 0o700 : 0o600);
}

function laidEntry(entry: Entry, stat: BigIntStats): LaidEntry {
  const { dev, ino, size, nlink, mtimeNs, ctimeNs, birthtimeNs } = stat;
  return { entry, mode: Number(stat.mode), dev, ino, size, nlink, mtimeNs, ctimeNs, birthtimeNs };
}

const FAILURES = {
  script: {
    code: "E_STORE",
    purpose: "for a script",
    fullDisk: "Free some space, name only what the script needs with `needs`, or set IMAGE_DSL_CACHE to another disk",
    refused: "Leave the file out with a filter, or set IMAGE_DSL_CACHE to a folder on a file system that takes it",
  },
  output: {
    code: "E_OUTPUT",
    purpose: "in the output's directory",
    fullDisk: "Free some space, or write to another disk",
    refused: "Leave the file out with a filter, or write to a file system that takes it",
  },
} as const;

function guarded(entry: Entry, options: MaterializeOptions, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw failure(entry, options, cause);
  }
}

function failure(entry: Entry, options: MaterializeOptions, cause: unknown): unknown {
  if (cause instanceof ImageDslError) return cause;
  const { code, purpose, fullDisk, refused } = FAILURES[options.purpose];
  const what = `lay out ${displayPath(entry.path)} ${purpose}`;
  const system = systemCodeOf(cause);
  if (system === "ENOSPC" || system === "EDQUOT") {
    return new ImageDslError("E_NO_SPACE", `The disk is full: cannot ${what}`, { hint: fullDisk, cause });
  }
  return new ImageDslError(code, `Cannot ${what}: ${messageOf(cause)}`, { hint: refused, cause });
}
