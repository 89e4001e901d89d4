/** What layers give when laid over each other, as a container runtime does it (OCI image spec, layer.md, whiteouts). */
import { metaOf, type Entry, type FileEntry } from "../model/entry.ts";
import { baseNameOf, isUnderAny, joinPath, parentOf, type TreePath } from "../model/path.ts";
import { FileTree } from "../tree/file-tree.ts";
import type { Layer, LayerRecipe } from "./image.ts";

export const WHITEOUT = ".wh.";

/** One tree. A hard link whose file an upper layer replaced keeps the content that it had. */
export function flattenLayers(layers: readonly Layer[]): FileTree {
  const merged = new Map<TreePath, Entry>();
  /** The file that each hard link names in its own layer. */
  const files = new Map<Entry, FileEntry>();
  for (const { recipe } of layers) {
    const own = new Map<TreePath, FileEntry>();
    removeAll(merged, goneBy(recipe, merged));
    for (const entry of recipe.entries) {
      if (baseNameOf(entry.path).startsWith(WHITEOUT)) continue;
      merged.set(entry.path, entry);
      if (entry.type === "file") own.set(entry.path, entry);
      if (entry.type === "hardlink") files.set(entry, own.get(entry.target)!);
    }
  }
  return FileTree.of(withLivingLinks(merged, files));
}

/** What a layer deletes of the ones below it, by whiteouts and by putting something else in a directory's place. */
function goneBy({ entries }: LayerRecipe, below: ReadonlyMap<TreePath, Entry>): Set<TreePath> {
  const gone = new Set<TreePath>();
  for (const { path, type } of entries) {
    const name = baseNameOf(path);
    if (name.startsWith(WHITEOUT)) gone.add(joinPath(parentOf(path), name.slice(WHITEOUT.length)));
    else if (type !== "directory" && below.get(path)?.type === "directory") gone.add(path);
  }
  return gone;
}

function removeAll(merged: Map<TreePath, Entry>, gone: ReadonlySet<TreePath>): void {
  if (gone.size === 0) return;
  for (const path of merged.keys()) if (isUnderAny(path, gone)) merged.delete(path);
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
