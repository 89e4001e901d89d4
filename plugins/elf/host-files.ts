/** The host's files, seen as a tree that is read while it is walked, so that links stay inside the root directory. */
import { lstatSync } from "node:fs";
import {
  ImageDslError,
  displayBytes,
  hostEntry,
  joinPath,
  messageOf,
  resolvePath,
  systemCodeOf,
  toFsPath,
  withoutEndSlashes,
  type Entry,
  type FileEntry,
  type SymlinkEntry,
  type TreePath,
} from "../../core/index.ts";

export interface HostFiles {
  /** What is at a path, links not followed; undefined for nothing, and for devices and the like. */
  get(path: TreePath): Entry | undefined;
}

/** `root` is absolute, a byte string. Each file is looked at once: what a build takes from one state stays that. */
export function hostFiles(root: string): HostFiles {
  const known = new Map<TreePath, Entry | undefined>();
  return {
    get(path) {
      if (!known.has(path)) known.set(path, read(joinHost(root, path), path));
      return known.get(path);
    },
  };
}

export interface FoundFile {
  /** As it was sought: absolute, a byte string. */
  readonly path: string;
  readonly entry: FileEntry;
  /** The links that were followed, in order. */
  readonly links: readonly SymlinkEntry[];
}

/** The regular file that an absolute path leads to. */
export function findFile(host: HostFiles, path: string): FoundFile | undefined {
  const links = new Map<TreePath, SymlinkEntry>();
  const recorded: HostFiles = {
    get(at) {
      const entry = host.get(at);
      if (entry?.type === "symlink") links.set(at, entry);
      return entry;
    },
  };
  try {
    const entry = recorded.get(resolvePath(recorded, path));
    return entry?.type === "file" ? { path, entry, links: [...links.values()] } : undefined;
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_TREE_LINK_LOOP") return undefined;
    throw error;
  }
}

/** Where a directory really is. */
export function realPath(host: HostFiles, path: string): TreePath {
  return resolvePath(host, path);
}

function read(file: string, path: TreePath): Entry | undefined {
  try {
    const stat = lstatSync(toFsPath(file), { throwIfNoEntry: false });
    if (stat === undefined || !(stat.isFile() || stat.isDirectory() || stat.isSymbolicLink())) return undefined;
    return hostEntry(file, path, "git");
  } catch (cause) {
    // What may not be entered is passed over, as shells and loaders do.
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCodeOf(cause) ?? "")) return undefined;
    if (cause instanceof ImageDslError) throw cause;
    throw new ImageDslError("E_CONTENT_UNREADABLE", `Cannot look at ${displayBytes(file)}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function joinHost(root: string, path: TreePath): string {
  return `/${joinPath(withoutEndSlashes(root).replace(/^\/+/, "") as TreePath, path)}`;
}
