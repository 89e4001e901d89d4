/**
 * Reads a directory back into a tree after a script. What did not change keeps its very entry, so that only true
 * changes go on; new content is a `host` handle into the directory, to be moved to the store before that is removed.
 */
import { chmodSync, constants, lstatSync, type BigIntStats } from "node:fs";
import { ImageDslError } from "../error.ts";
import { runtime } from "../host.ts";
import type { ContentHandle, Entry, EntryMeta, FileEntry } from "../model/entry.ts";
import { SYMLINK_MODE, metaOf } from "../model/entry.ts";
import { displayPath, type TreePath } from "../model/path.ts";
import { hostStatOf } from "./content.ts";
import { compareBodies, sameBody, sameMeta } from "./equal.ts";
import { findEscapes, identify, inodeKey, kindOf, type Escape, type IdentityOptions } from "./file-identity.ts";
import { FileTree } from "./file-tree.ts";
import { placeOf, type LaidEntry, type LaidTree } from "./materialize.ts";
import { orderedLookup } from "./ordered-lookup.ts";
import { atOnce, visitAll, type Pausing } from "./turns.ts";
import { unseenEntries } from "./unseen-entries.ts";
import { readLink, walkDirectory, type Found } from "./work-directory.ts";

/** What was laid out, and what a script's result is read back against. */
export interface CaptureOptions extends IdentityOptions {
  /** The whole tree before, of which `laid` may be a part. */
  readonly before: FileTree;
  /** Seconds since 1970, for new and changed entries. */
  readonly mtime: number;
  /** Top-level directories that are not read: their entries stay as before. */
  readonly leaveOut?: readonly TreePath[];
}

/** What a script left behind. */
export interface Captured {
  /** The whole tree afterwards; contents that changed lie in the work directory until it is removed. */
  readonly tree: FileTree;
  /** Where the disk shows what a faked session would have kept from it: a program escaped. */
  readonly escapes: readonly Escape[];
}

/**
 * The tree after the script: what is on disk, and what had not been laid out. Extended attributes are not read back:
 * files keep theirs, less file capabilities where their bytes changed, as the kernel does. Throws `E_SCRIPT_FAILED` for
 * sockets and where the script made something in a place that holds an entry it could not see.
 */
export function captureTree(options: CaptureOptions): Captured {
  return atOnce(readBack(options));
}

/** As `captureTree`, with pauses. */
export function* readBack(options: CaptureOptions): Pausing<Captured> {
  const found = yield* walkDirectory(options.laid.directory, options.leaveOut ?? []);
  const known = yield* knownInodes(options.laid);
  const entries = new Map<TreePath, Entry>();
  for (const group of yield* groupByInode(found, options.before)) {
    yield;
    const file = yield* toEntry(primaryOf(group), known, options);
    for (const { path, before } of group) {
      const entry = path === file.path ? file : linkTo(file, path, before);
      entries.set(path, unlessSame(before, entry));
    }
  }
  yield;
  for (const entry of unseenEntries(entries, known, options)) entries.set(entry.path, entry);
  yield;
  const tree = FileTree.of(entries.values());
  yield;
  return { tree, escapes: findEscapes(found, options) };
}

function* knownInodes(laid: LaidTree): Pausing<ReadonlyMap<string, LaidEntry>> {
  const known = new Map<string, LaidEntry>();
  yield* visitAll(laid.entries.values(), (each) => {
    const key = inodeKey(each);
    // Of hard links the one that stands for the file.
    if (!known.has(key) || each.entry.type !== "hardlink") known.set(key, each);
  });
  return known;
}

/** What is there, and what was there under the same path. */
interface Compared extends Found {
  readonly before: Entry | undefined;
}

type Group = readonly [Compared, ...Compared[]];

/** Names of one file together, each group sorted; directories and symbolic links alone. */
function* groupByInode(found: readonly Found[], before: FileTree): Pausing<readonly Group[]> {
  const groups: [Compared, ...Compared[]][] = [];
  const linked = new Map<string, Compared[]>();
  const entryBefore = orderedLookup(before);
  yield* visitAll(found, ({ path, stat }) => {
    const each: Compared = { path, stat, before: entryBefore(path) };
    const isLinked = stat.nlink > 1n && stat.isFile();
    const group = isLinked ? linked.get(inodeKey(stat)) : undefined;
    if (group !== undefined) {
      group.push(each);
      return;
    }
    const begun: [Compared] = [each];
    groups.push(begun);
    if (isLinked) linked.set(inodeKey(stat), begun);
  });
  return groups;
}

/** The name that stands for the file: the same as before where it can be. */
function primaryOf(group: Group): Compared {
  return group.find(({ before }) => before?.type === "file") ?? group[0];
}

type Known = ReadonlyMap<string, LaidEntry>;

function* toEntry({ path, stat, before }: Compared, known: Known, options: CaptureOptions): Pausing<Entry> {
  const was = known.get(inodeKey(stat));
  const { kind, mode, uid, gid, major, minor } = identify(path, stat, options);
  const meta: EntryMeta = {
    ...keptMeta(before, kind, uid, gid),
    path,
    mode,
    uid,
    gid,
    mtime: options.mtime,
    origin: "image",
  };
  switch (kind) {
    case constants.S_IFREG:
      return yield* fileEntry(meta, stat, { was, before }, options);
    case constants.S_IFDIR:
      return { ...meta, type: "directory" };
    case constants.S_IFLNK: {
      const target = readLink(placeOf(options.laid.directory, path));
      return { ...meta, mode: SYMLINK_MODE, type: "symlink", target };
    }
    case constants.S_IFIFO:
      return { ...meta, type: "fifo" };
    case constants.S_IFCHR:
      return { ...meta, type: "character", major, minor };
    case constants.S_IFBLK:
      return { ...meta, type: "block", major, minor };
    default:
      throw new ImageDslError(
        "E_SCRIPT_FAILED",
        `The script left ${displayPath(path)}, which is no kind of file an image can hold`,
      );
  }
}

function keptMeta(before: Entry | undefined, kind: number, uid: number, gid: number): Partial<EntryMeta> {
  if (before === undefined || kindOf(before) !== kind) return {};
  const { uname, gname, xattrs } = before;
  return {
    ...(before.uid === uid && uname !== undefined && { uname }),
    ...(before.gid === gid && gname !== undefined && { gname }),
    ...(xattrs !== undefined && { xattrs }),
  };
}

function* fileEntry(
  meta: EntryMeta,
  stat: BigIntStats,
  { was, before }: { readonly was: LaidEntry | undefined; readonly before: Entry | undefined },
  options: CaptureOptions,
): Pausing<FileEntry> {
  const size = Number(stat.size);
  const old = was?.entry.type === "file" ? was.entry : undefined;
  if (old && isUntouched(was!, stat)) return { ...meta, type: "file", size, content: old.content };
  const place = placeOf(options.laid.directory, meta.path);
  // It is ours; the script may have taken our own right to read it away.
  if ((Number(stat.mode) & 0o400) === 0) chmodSync(place, 0o600);
  const content: ContentHandle = {
    kind: "host",
    file: `${options.laid.directory}/${meta.path}`,
    stat: hostStatOf(lstatSync(place)),
  };
  const entry: FileEntry = { ...meta, type: "file", size, content };
  for (const each of [old, before]) {
    if (each?.type === "file" && (yield* compareBodies(each, entry))) return { ...entry, content: each.content };
  }
  return withoutCapabilities(entry);
}

/**
 * Content is as laid out if size and both times are: a script can set the one time back, but not the other. Deno tells
 * that other one in whole seconds, in which a script does much: there the bytes are compared.
 */
function isUntouched(was: LaidEntry, stat: BigIntStats): boolean {
  if (runtime() === "deno") return false;
  return was.size === stat.size && was.mtimeNs === stat.mtimeNs && was.ctimeNs === stat.ctimeNs;
}

function withoutCapabilities(entry: FileEntry): FileEntry {
  if (entry.xattrs === undefined) return entry;
  const { "security.capability": _, ...xattrs } = entry.xattrs;
  return { ...entry, xattrs };
}

function linkTo(file: Entry, path: TreePath, before: Entry | undefined): Entry {
  // A link carries its file's metadata; what only its own former entry knew is gone with that.
  return { ...metaOf(file), path, mtime: before?.mtime ?? file.mtime, type: "hardlink", target: file.path };
}

/** The entry that was there before, if the new one says nothing else. */
function unlessSame(before: Entry | undefined, entry: Entry): Entry {
  if (before === undefined || !sameMeta(before, entry)) return entry;
  if (before.type === "file" && entry.type === "file") {
    return before.content === entry.content && before.size === entry.size ? before : entry;
  }
  return sameBody(before, entry) ? before : entry;
}
