/** What layers give when laid over each other, as a container runtime does it (OCI image spec, layer.md, whiteouts). */
import { metaOf, type Entry, type FileEntry } from "../model/entry.ts";
import { baseNameOf, isUnder, joinPath, parentOf, type TreePath } from "../model/path.ts";
import { FileTree } from "../tree/file-tree.ts";
import type { Layer } from "./image.ts";

export const WHITEOUT = ".wh.";

/** One tree. A hard link whose file an upper layer replaced keeps the content that it had. */
export function flattenLayers(layers: readonly Layer[]): FileTree {
  const merged = new Map<TreePath, Entry>();
  /** The file that each hard link names in its own layer. */
  const files = new Map<Entry, FileEntry>();
  for (const { recipe } of layers) {
    const own = new Map<TreePath, FileEntry>();
    for (const { path } of recipe.entries) {
      const name = baseNameOf(path);
      if (name.startsWith(WHITEOUT)) remove(merged, joinPath(parentOf(path), name.slice(WHITEOUT.length)));
    }
    for (const entry of recipe.entries) {
      if (baseNameOf(entry.path).startsWith(WHITEOUT)) continue;
      if (merged.get(entry.path)?.type === "directory" && entry.type !== "directory") remove(merged, entry.path);
      merged.set(entry.path, entry);
      if (entry.type === "file") own.set(entry.path, entry);
      if (entry.type === "hardlink") files.set(entry, own.get(entry.target)!);
    }
  }
  return FileTree.of(withLivingLinks(merged, files));
}

function remove(merged: Map<TreePath, Entry>, gone: TreePath): void {
  for (const path of merged.keys()) if (isUnder(path, gone)) merged.delete(path);
}

function withLivingLinks(merged: ReadonlyMap<TreePath, Entry>, files: ReadonlyMap<Entry, FileEntry>): Entry[] {
  const heirs = new Map<FileEntry, TreePath>();
  return [...merged.values()].map((entry) => {
    const file = files.get(entry);
    if (file === undefined || merged.get(file.path) === file) return entry;
    const heir = heirs.get(file);
    if (heir !== undefined) return { ...metaOf(entry), type: "hardlink", target: heir };
    heirs.set(file, entry.path);
    return { ...metaOf(entry), type: "file", size: file.size, content: file.content };
  });
}
