/** The file system that maintainer scripts see on paper: Linux's calls over a tree and what earlier scripts did to it. */
import {
  type Entry,
  type EntryMeta,
  type FileEntry,
  type FileTree,
  ImageDslError,
  ROOT,
  type TreePath,
  baseNameOf,
  displayBytes,
  joinPath,
  parentOf,
  readWhole,
  resolvePath,
} from "../../../core/index.ts";
import type { Lookout } from "./apart.ts";
import { withoutNames } from "./changes.ts";
import { NotCovered } from "./shell/state.ts";
import { type TreeOverlay, treeOverlay } from "./tree-overlay.ts";
import { UNKNOWN } from "./unknown-content.ts";

/** A failed call, worded as strerror(3) words it: scripts may go on after it. */
export class FileSystemError extends Error {}

export interface FileSystem extends Omit<TreeOverlay, "set" | "names" | "linksTo"> {
  /** Where a script's path leads. The last link is followed unless told otherwise or a slash ends the path. */
  resolve(path: string, directory: string, followLast?: boolean): TreePath;
  /** The entry a script's path leads to, links followed; hard links give their file, under its own path. */
  find(path: string, directory: string): Entry | undefined;
  /** Names in a directory, in byte order. */
  list(directory: TreePath): readonly string[];
  /** All entries below a directory, parents first. */
  below(directory: TreePath): readonly Entry[];
  /** Adds or replaces. The parent must be a directory. */
  put(entry: Entry): void;
  /** Removes one entry; a directory must be empty. */
  remove(path: TreePath): void;
  removeTree(path: TreePath): void;
  rename(from: TreePath, to: TreePath): void;
  /** Owner and mode of an entry, and of all names of the same file. */
  changeMeta(path: TreePath, meta: Partial<Pick<EntryMeta, "mode" | "uid" | "gid" | "xattrs">>): void;
  /** A file's bytes as a byte string. */
  read(path: TreePath): string;
  /** Makes or overwrites a regular file; a new one gets `mode` and the owner that Linux would give it. */
  write(path: TreePath, bytes: string, mode: number): void;
  /** A file that every container makes for itself: scripts may give it an owner, but not read it, and the image has none. */
  writeUnknown(path: TreePath, mode: number, size: number): void;
  makeDirectory(path: TreePath, mode: number): void;
  makeLink(path: TreePath, target: string): void;
}

const MAX_READ = 4 * 1024 * 1024;
const MAX_WRITE = 4 * 1024 * 1024;
/** As Linux has them. */
const MAX_PATH = 4095;
const MAX_NAME = 255;
/** Of following a path and of looking at one name in a directory, in bytes handled. */
const PATH_COST = 100;
const NAME_COST = 50;

/**
 * `spend` is told of the bytes and entries that are gone through; `turnOf` tells in which turn the package of an origin
 * is unpacked; `look` is told of every path that is looked at.
 */
export function createFileSystem(
  tree: FileTree,
  spend: (units: number) => void = () => {},
  turnOf: (origin: string | undefined) => number = () => 0,
  look?: Lookout,
): FileSystem {
  const { set, names, linksTo, ...overlay } = treeOverlay(tree, turnOf, look);
  const { get } = overlay;

  const isDirectory = (path: TreePath): boolean => path === ROOT || get(path)?.type === "directory";

  const resolve = (path: string, directory: string, followLast = true): TreePath => {
    if (path === "") throw new FileSystemError("No such file or directory");
    if (path.length > MAX_PATH) throw new NotCovered(`a path is longer than ${MAX_PATH} bytes`);
    spend(PATH_COST + path.length ** 2 / 4);
    const absolute = path.startsWith("/") ? path : `${directory}/${path}`;
    try {
      return resolvePath({ get }, absolute, { followLast: followLast || path.endsWith("/") });
    } catch (error) {
      if (error instanceof ImageDslError) throw new FileSystemError("Too many levels of symbolic links");
      throw error;
    }
  };

  const find = (path: string, directory: string): Entry | undefined => {
    if (path === "") return undefined;
    const entry = get(resolve(path, directory));
    return entry?.type === "hardlink" ? get(entry.target) : entry;
  };

  const list = (directory: TreePath): readonly string[] => {
    const { there, seen } = names(directory);
    spend(PATH_COST + seen * NAME_COST);
    return there;
  };

  const below = (directory: TreePath): readonly Entry[] => {
    const found: Entry[] = [];
    const pending = list(directory)
      .map((name) => joinPath(directory, name))
      .reverse();
    while (pending.length > 0) {
      const path = pending.pop()!;
      const entry = get(path)!;
      found.push(entry);
      spend(100);
      if (entry.type !== "directory") continue;
      for (const name of [...list(path)].reverse()) pending.push(joinPath(path, name));
    }
    return found;
  };

  const put = (entry: Entry): void => {
    if (entry.path === ROOT) throw new FileSystemError("Operation not permitted");
    if (baseNameOf(entry.path).length > MAX_NAME) throw new FileSystemError("File name too long");
    // Going down step by step one could make such a path, but no one could use it by its name.
    if (entry.path.length > MAX_PATH) throw new NotCovered(`a path is longer than ${MAX_PATH} bytes`);
    if (!isDirectory(parentOf(entry.path))) throw new FileSystemError("No such file or directory");
    set(entry.path, { ...entry, origin: "image" });
  };

  const remove = (path: TreePath): void => {
    const entry = get(path);
    if (entry === undefined) throw new FileSystemError("No such file or directory");
    if (entry.type === "directory" && list(path).length > 0) throw new FileSystemError("Directory not empty");
    // A file that loses its first name lives on under the next one.
    const [heir, ...others] = entry.type === "file" ? linksTo(path) : [];
    set(path, null);
    if (heir === undefined || entry.type !== "file") return;
    put({ ...entry, path: heir });
    for (const other of others) put({ ...get(other)!, target: heir } as Entry);
  };

  const removeTree = (path: TreePath): void => {
    for (const entry of [...below(path)].reverse()) remove(entry.path);
    remove(path);
  };

  const rename = (from: TreePath, to: TreePath): void => {
    const entry = get(from);
    if (entry === undefined) throw new FileSystemError("No such file or directory");
    if (from === to) return;
    if (to === ROOT || from === ROOT || to.startsWith(`${from}/`)) throw new FileSystemError("Invalid argument");
    const there = get(to);
    if (there?.type === "directory" && entry.type !== "directory") throw new FileSystemError("Is a directory");
    if (there && there.type !== "directory" && entry.type === "directory") throw new FileSystemError("Not a directory");
    if (there) remove(to);
    if (entry.type === "file") {
      for (const link of linksTo(from)) put({ ...get(link)!, target: to } as Entry);
    }
    const inside = entry.type === "directory" ? below(from) : [];
    put({ ...entry, path: to } as Entry);
    for (const child of inside) {
      const path = `${to}${child.path.slice(from.length)}` as TreePath;
      const target = child.type === "hardlink" && child.target.startsWith(`${from}/`);
      put({ ...child, path, ...(target ? { target: `${to}${child.target.slice(from.length)}` } : {}) } as Entry);
    }
    for (const child of [...inside].reverse()) set(child.path, null);
    set(from, null);
  };

  const changeMeta: FileSystem["changeMeta"] = (path, meta) => {
    const entry = get(path);
    if (entry === undefined) {
      if (path === ROOT) return;
      throw new FileSystemError("No such file or directory");
    }
    const first = entry.type === "hardlink" ? entry.target : path;
    for (const name of [first, ...(entry.type === "file" || entry.type === "hardlink" ? linksTo(first) : [])]) {
      put({ ...withoutNames(get(name)!), ...meta } as Entry);
    }
  };

  const read = (path: TreePath): string => {
    const named = get(path);
    const entry = named?.type === "hardlink" ? get(named.target) : named;
    if (entry === undefined) throw new FileSystemError(path === ROOT ? "Is a directory" : "No such file or directory");
    if (entry.type === "directory") throw new FileSystemError("Is a directory");
    if (entry.type !== "file") throw new FileSystemError("Operation not permitted");
    if (entry.content === UNKNOWN) throw new NotCovered(`what /${displayBytes(path)} holds is not known`);
    if (entry.size > MAX_READ) throw new FileSystemError("File too large");
    spend(PATH_COST + entry.size);
    return Buffer.from(readWhole(entry)).toString("latin1");
  };

  /** The owner of what root makes in a directory, and whether its set-group-id bit is handed on. */
  const inherited = (path: TreePath): { readonly gid: number; readonly setgid: number } => {
    const parent = get(parentOf(path));
    return parent !== undefined && (parent.mode & 0o2000) !== 0
      ? { gid: parent.gid, setgid: 0o2000 }
      : { gid: 0, setgid: 0 };
  };

  const write = (path: TreePath, bytes: string, mode: number): void => {
    if (bytes.length > MAX_WRITE) throw new FileSystemError("File too large");
    spend(bytes.length);
    const named = get(path);
    const there = named?.type === "hardlink" ? get(named.target) : named;
    if (there?.type === "directory" || path === ROOT) throw new FileSystemError("Is a directory");
    if (there !== undefined && there.type !== "file") throw new FileSystemError("Operation not permitted");
    const content = { kind: "inline", bytes: Buffer.from(bytes, "latin1") } as const;
    const made: FileEntry = there
      ? { ...there, mtime: 1, size: bytes.length, content }
      : { type: "file", path, mode, uid: 0, gid: inherited(path).gid, mtime: 1, size: bytes.length, content };
    put(made);
  };

  return {
    ...overlay,
    resolve,
    find,
    list,
    below,
    put,
    remove,
    removeTree,
    rename,
    changeMeta,
    read,
    write,
    writeUnknown(path, mode, size) {
      write(path, "", mode);
      const entry = get(path)!;
      put({ ...entry, size, content: UNKNOWN } as Entry);
    },
    makeDirectory(path, mode) {
      if (path === ROOT || get(path) !== undefined) throw new FileSystemError("File exists");
      const { gid, setgid } = inherited(path);
      put({ type: "directory", path, mode: mode | setgid, uid: 0, gid, mtime: 1 });
    },
    makeLink(path, target) {
      if (path === ROOT || get(path) !== undefined) throw new FileSystemError("File exists");
      put({ type: "symlink", path, target, mode: 0o777, uid: 0, gid: inherited(path).gid, mtime: 1 });
    },
  };
}
