/** A tree from a tar, as extracting it would give, but on paper: contents are slices of the archive. */
import { ImageDslError } from "../error.ts";
import { displayBytes } from "../model/bytes.ts";
import { metaOf, type ContentHandle, type Entry, type EntryMeta } from "../model/entry.ts";
import {
  ROOT,
  baseNameOf,
  comparePaths,
  displayPath,
  joinPath,
  parentOf,
  treePathFromBytes,
  type TreePath,
} from "../model/path.ts";
import { FileTree, directoryEntry } from "../tree/file-tree.ts";
import { resolvePath } from "../tree/resolve.ts";
import type { TarPlace } from "./entry-columns.ts";
import { readTar, type TarLimits, type TarMember } from "./reader.ts";

/**
 * Reads a whole tar stream once. Later members replace earlier ones of the same name; a member below a symbolic
 * link lands where the link leads, inside the tree. Throws `E_TAR_INVALID`, `E_TAR_LIMIT`, `E_PATH_INVALID`.
 */
export async function indexTar(
  chunks: AsyncIterable<Uint8Array>,
  origin: TarPlace,
  limits?: TarLimits,
): Promise<FileTree> {
  const index: Index = new Map();
  const parents = new Set<TreePath>();
  for await (const member of readTar(chunks, limits)) {
    const path = placeOf(index, member);
    if (path === ROOT) {
      if (member.type !== "directory") throw invalid(member, "would replace the root");
      continue;
    }
    addParents(index, parents, path);
    const entry = toEntry(index, member, path, origin);
    if (entry.type !== "directory" && parents.has(path)) {
      throw invalid(member, "replaces a directory which is not empty");
    }
    index.set(path, entry);
  }
  return FileTree.of(withHardlinks([...index.values()].sort((a, b) => comparePaths(a.path, b.path))));
}

/** All names of a file stand here as files that share one content handle, so that any of them can be replaced. */
type Index = Map<TreePath, Entry>;

/** The parent's links are followed, the member's own name is not. */
function placeOf(index: Index, member: TarMember): TreePath {
  const path = treePathFromBytes(member.name);
  const parent = parentOf(path);
  return index.get(parent)?.type === "directory" || parent === ROOT
    ? path
    : joinPath(resolvePath(index, parent), baseNameOf(path));
}

function addParents(index: Index, parents: Set<TreePath>, child: TreePath): void {
  for (let path = parentOf(child); path !== ROOT; path = parentOf(path)) {
    parents.add(path);
    const parent = index.get(path);
    if (parent?.type === "directory") return;
    if (parent) {
      throw new ImageDslError(
        "E_TAR_INVALID",
        `The tar archive puts ${displayPath(child)} below ${displayPath(path)}, which is a ${parent.type}`,
      );
    }
    index.set(path, directoryEntry(path, { implicit: true }));
  }
}

function toEntry(index: Index, member: TarMember, path: TreePath, origin: TarPlace): Entry {
  const meta: EntryMeta = {
    path,
    mode: member.mode,
    uid: member.uid,
    gid: member.gid,
    mtime: member.mtime,
    ...(member.xattrs && { xattrs: member.xattrs }),
  };
  switch (member.type) {
    case "file":
      return {
        ...meta,
        type: "file",
        size: member.size,
        content: { kind: "slice", file: origin.file, archive: origin.archive, offset: member.offset },
      };
    case "directory":
    case "fifo":
      return { ...meta, type: member.type };
    case "symlink":
      if (member.linkName === "" || member.linkName.includes("\0"))
        throw invalid(member, "is a symbolic link to nothing");
      return { ...meta, type: "symlink", target: member.linkName };
    case "character":
    case "block":
      return { ...meta, type: member.type, major: member.major, minor: member.minor };
    case "hardlink":
      return linkTo(index, member, meta);
  }
}

function linkTo(index: Index, member: TarMember, meta: EntryMeta): Entry {
  const target = resolvePath(index, treePathFromBytes(member.linkName), { followLast: false });
  const file = index.get(target);
  if (file === undefined)
    throw invalid(member, `is a hard link to "${displayBytes(member.linkName)}", which comes nowhere before it`);
  if (file.type === "directory") throw invalid(member, "is a hard link to a directory");
  // All names of a file share what the file has: owner, mode, times.
  return { ...file, path: meta.path };
}

/** The first name of each file, in tree order, holds its content; the others are links to that one. */
function* withHardlinks(entries: Iterable<Entry>): Iterable<Entry> {
  const names = new Map<ContentHandle, TreePath>();
  for (const entry of entries) {
    const first = entry.type === "file" ? names.get(entry.content) : undefined;
    if (first !== undefined) {
      yield { ...metaOf(entry), type: "hardlink", target: first };
      continue;
    }
    if (entry.type === "file") names.set(entry.content, entry.path);
    yield entry;
  }
}

function invalid(member: TarMember, what: string): ImageDslError {
  return new ImageDslError("E_TAR_INVALID", `The member "${displayBytes(member.name)}" of the tar archive ${what}`);
}
