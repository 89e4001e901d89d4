/** Looking at a finished image as a container would see it. Paths are byte strings, as the tree's. */
import { ImageDslError, ROOT, encodeText, isUnder, lookup, readWhole, resolvePath } from "../../core/index.ts";
import type { Entry, FileTree, Image, TreePath } from "../../core/index.ts";

/** What stands at a path, links followed. */
export interface Found {
  /** Where it really is. */
  readonly path: TreePath;
  /** The root directory has none. */
  readonly entry: Entry | undefined;
  readonly isDirectory: boolean;
}

/** More than any user database has. */
const TEXT_LIMIT = 16 * 1024 * 1024;

/** Undefined where the path leads nowhere or in circles. */
export function follow(tree: FileTree, path: string): Found | undefined {
  const real = realPath(tree, path);
  if (real === undefined) return undefined;
  const entry = real === ROOT ? undefined : lookup(tree, real);
  if (entry === undefined && real !== ROOT) return undefined;
  return { path: real, entry, isDirectory: entry === undefined || entry.type === "directory" };
}

/** A small file's characters, one a byte; undefined where there is none. */
export function readText(tree: FileTree, path: string): string | undefined {
  const entry = follow(tree, path)?.entry;
  if (entry?.type !== "file" || entry.size > TEXT_LIMIT) return undefined;
  return Buffer.from(readWhole(entry)).toString("latin1");
}

/** What every runtime mounts. */
const KERNELS = ["/proc", "/sys", "/dev"];

/** Whether what a container has there may be another thing than what the image has: it lies in a volume. */
export function isMounted({ tree, config }: Image, path: string): boolean {
  const real = realPath(tree, path);
  if (real === undefined) return false;
  return [...KERNELS, ...Object.keys(config.Volumes ?? {})].some((volume) => {
    const mount = realPath(tree, encodeText(volume));
    return mount !== undefined && isUnder(real, mount);
  });
}

function realPath(tree: FileTree, path: string): TreePath | undefined {
  try {
    return resolvePath(tree, path);
  } catch (error) {
    if (error instanceof ImageDslError && error.code === "E_TREE_LINK_LOOP") return undefined;
    throw error;
  }
}
