/** What layers give when laid over each other, as a container runtime does it (OCI image spec, layer.md, whiteouts). */
import { ImageDslError } from "../error.ts";
import { metaOf, type Entry, type FileEntry, type HardlinkEntry } from "../model/entry.ts";
import {
  baseNameOf,
  displayPath,
  isUnderAny,
  joinPath,
  nameStartsWith,
  parentOf,
  type TreePath,
} from "../model/path.ts";
import { WHITEOUT } from "../model/whiteout.ts";
import { FileTree } from "../tree/file-tree.ts";
import { atOnce, visitAll, type Pausing } from "../tree/turns.ts";
import type { Layer } from "./image.ts";

const RESERVED = ".wh..wh.";
const OPAQUE = ".wh..wh..opq";

/** One tree. */
export function flattenLayers(layers: readonly Layer[]): FileTree {
  return atOnce(flattenInPieces(layers));
}

/** As `flattenLayers`, with pauses. */
export function* flattenInPieces(layers: readonly Layer[]): Pausing<FileTree> {
  const entries = yield* overlayLayers(layers);
  yield;
  return FileTree.of(entries.values());
}

/** Its entries by their paths, in no order. A hard link whose file an upper layer replaced keeps the content that it had. */
export function* overlayLayers(layers: readonly Layer[]): Pausing<ReadonlyMap<TreePath, Entry>> {
  const merged = new Map<TreePath, Entry>();
  /** The file that each hard link names in its own layer. */
  const files = new Map<Entry, FileEntry>();
  for (const { entries } of layers) {
    const own = new Map<TreePath, FileEntry>();
    const hasLinks = entries.some(({ type }) => type === "hardlink");
    yield;
    removeAll(merged, goneBy(entries, merged));
    yield* visitAll(entries, (entry) => {
      if (nameStartsWith(entry.path, WHITEOUT)) return;
      // Nobody listed it: what the layers below say of it stays.
      if (entry.type === "directory" && entry.implicit && merged.get(entry.path)?.type === "directory") return;
      merged.set(entry.path, entry);
      if (entry.type === "file" && hasLinks) own.set(entry.path, entry);
      if (entry.type === "hardlink") files.set(entry, fileOf(entry, own));
    });
  }
  return withLivingLinks(merged, files);
}

function fileOf(link: HardlinkEntry, files: ReadonlyMap<TreePath, FileEntry>): FileEntry {
  const file = files.get(link.target);
  if (file !== undefined) return file;
  const message = `${displayPath(link.path)} is a hard link to ${displayPath(link.target)}, which is no file of its layer`;
  throw new ImageDslError("E_TAR_INVALID", message);
}

interface Gone {
  /** With all that lies below. */
  readonly paths: ReadonlySet<TreePath>;
  /** All that lies in these, but not they themselves. */
  readonly contents: ReadonlySet<TreePath>;
}

/**
 * What a layer deletes of the ones below it: by whiteouts, by opaque markers, and by putting something else in a
 * directory's place. Other names that begin like an opaque marker are a storage driver's own and mean nothing.
 */
function goneBy(entries: readonly Entry[], below: ReadonlyMap<TreePath, Entry>): Gone {
  const paths = new Set<TreePath>();
  const contents = new Set<TreePath>();
  for (const { path, type } of entries) {
    if (nameStartsWith(path, WHITEOUT)) {
      if (baseNameOf(path) === OPAQUE) contents.add(parentOf(path));
      else if (!nameStartsWith(path, RESERVED)) paths.add(hiddenBy(path));
    } else if (below.size > 0 && type !== "directory" && below.get(path)?.type === "directory") paths.add(path);
  }
  return { paths, contents };
}

function hiddenBy(path: TreePath): TreePath {
  const name = baseNameOf(path).slice(WHITEOUT.length);
  if (name !== "" && name !== "." && name !== "..") return joinPath(parentOf(path), name);
  throw new ImageDslError("E_TAR_INVALID", `${displayPath(path)} is a whiteout of nothing`);
}

function removeAll(merged: Map<TreePath, Entry>, { paths, contents }: Gone): void {
  if (paths.size === 0 && contents.size === 0) return;
  for (const path of merged.keys()) {
    if (isUnderAny(path, paths) || isUnderAny(parentOf(path), contents)) merged.delete(path);
  }
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
