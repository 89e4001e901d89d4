/** What layers give when laid over each other, as a container runtime does it (OCI image spec, layer.md, whiteouts). */
import { metaOf, type Entry, type FileEntry } from "../model/entry.ts";
import { baseNameOf, isUnderAny, joinPath, parentOf, type TreePath } from "../model/path.ts";
import { FileTree } from "../tree/file-tree.ts";
import type { Layer, LayerRecipe } from "./image.ts";

export const WHITEOUT = ".wh.";

/** One tree. */
export function flattenLayers(layers: readonly Layer[]): FileTree {
  return FileTree.of(overlayLayers(layers).values());
}

/** Its entries by their paths, in no order. A hard link whose file an upper layer replaced keeps the content that it had. */
export function overlayLayers(layers: readonly Layer[]): ReadonlyMap<TreePath, Entry> {
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
  return withLivingLinks(merged, files);
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

function withLivingLinks(merged: Map<TreePath, Entry>, files: ReadonlyMap<Entry, FileEntry>) {
  const heirs = new Map<FileEntry, TreePath>();
  for (const [link, file] of files) {
    if (merged.get(link.path) !== link || merged.get(file.path) === file) continue;
    const heir = heirs.get(file);
    if (heir === undefined) {
      heirs.set(file, link.path);
      merged.set(link.path, { ...metaOf(link), type: "file", size: file.size, content: file.content });
    } else merged.set(link.path, { ...metaOf(link), type: "hardlink", target: heir });
  }
  return merged;
}
