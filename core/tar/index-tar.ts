/** A tree from a tar, as extracting it would give, but on paper: contents are slices of the archive. */
import { ImageDslError } from "../error.ts";
import { displayShort } from "../model/bytes.ts";
import { SYMLINK_MODE, metaOf, type ContentHandle, type Entry } from "../model/entry.ts";
import {
  ROOT,
  baseNameOf,
  comparePaths,
  displayPath,
  joinPath,
  nameStartsWith,
  parentOf,
  treePathFromBytes,
  type TreePath,
} from "../model/path.ts";
import { WHITEOUT } from "../model/whiteout.ts";
import { FileTree } from "../tree/file-tree.ts";
import { resolvePath } from "../tree/resolve.ts";
import type { TarPlace } from "./entry-columns.ts";
import { MemberIndex } from "./member-index.ts";
import { readTar, type TarMember, type TarReading } from "./reader.ts";

/**
 * Reads a whole tar stream once. Later members replace earlier ones of the same name; a member below a symbolic
 * link lands where the link leads, inside the tree. In a layer, what is no directory replaces one with all that lies in
 * it, as runtimes do it. Throws `E_TAR_INVALID`, `E_TAR_LIMIT`, `E_PATH_INVALID`.
 */
export async function indexTar(
  chunks: AsyncIterable<Uint8Array>,
  origin: TarPlace,
  reading: TarReading = {},
): Promise<FileTree> {
  const index = new MemberIndex();
  let hasLinks = false;
  for await (const member of readTar(chunks, reading)) {
    const path = placeOf(index, member);
    if (path === ROOT) {
      if (member.type !== "directory") throw invalid(member, "would replace the root");
      continue;
    }
    // Behind what took a directory's place, a deletion in it says nothing more.
    if (reading.isLayer && nameStartsWith(path, WHITEOUT) && index.fileAbove(path) !== undefined) continue;
    addParents(index, member, path);
    const entry = toEntry(index, member, path, origin);
    if (entry.type !== "directory" && index.hasBelow(path)) {
      if (!reading.isLayer) throw invalid(member, "replaces a directory which is not empty");
      index.removeBelow(path);
    }
    // What lay there in the layers below went with the file.
    if (reading.isLayer && entry.type === "directory" && isNoDirectory(index.get(path)))
      index.set(whiteoutOf(path, origin));
    index.set(entry);
    hasLinks ||= member.type === "hardlink";
  }
  const entries = [...index.entries()].sort((a, b) => comparePaths(a.path, b.path));
  return FileTree.of(hasLinks ? withHardlinks(entries) : entries);
}

/** The parent's links are followed, the member's own name is not. */
function placeOf(index: MemberIndex, member: TarMember): TreePath {
  const path = treePathFromBytes(member.name);
  const parent = parentOf(path);
  return index.get(parent)?.type === "directory" || parent === ROOT
    ? path
    : joinPath(resolvePath(index, parent), baseNameOf(path));
}

function addParents(index: MemberIndex, member: TarMember, path: TreePath): void {
  const above = index.addParents(path);
  if (above !== undefined) throw invalid(member, `lies below ${displayPath(above.path)}, which is a ${above.type}`);
}

function isNoDirectory(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.type !== "directory";
}

function whiteoutOf(path: TreePath, { file, archive }: TarPlace): Entry {
  const hidden = joinPath(parentOf(path), `${WHITEOUT}${baseNameOf(path)}`);
  const content = { kind: "slice", file, archive, offset: 0 } as const;
  return { path: hidden, mode: 0o644, uid: 0, gid: 0, mtime: 0, type: "file", size: 0, content };
}

function toEntry(index: MemberIndex, member: TarMember, path: TreePath, origin: TarPlace): Entry {
  const { type, xattrs } = member;
  if (type === "hardlink") return linkTo(index, member, path);
  const entry = entryOf(member, type, path, origin);
  return xattrs === undefined ? entry : { ...entry, xattrs };
}

/** Whole literals: spreading what all types have takes longer than reading the header, and what comes of it is read more slowly. */
function entryOf(
  member: TarMember,
  type: Exclude<TarMember["type"], "hardlink">,
  path: TreePath,
  { file, archive }: TarPlace,
): Entry {
  const { mode, uid, gid, mtime, size, offset, linkName, major, minor } = member;
  switch (type) {
    case "file":
      return { path, mode, uid, gid, mtime, type, size, content: { kind: "slice", file, archive, offset } };
    case "directory":
    case "fifo":
      return { path, mode, uid, gid, mtime, type };
    case "symlink":
      if (linkName === "" || linkName.includes("\0")) throw invalid(member, "is a symbolic link to nothing");
      return { path, mode: SYMLINK_MODE, uid, gid, mtime, type, target: linkName };
    case "character":
    case "block":
      return { path, mode, uid, gid, mtime, type, major, minor };
  }
}

function linkTo(index: MemberIndex, member: TarMember, path: TreePath): Entry {
  const target = resolvePath(index, treePathFromBytes(member.linkName), { followLast: false });
  const file = index.get(target);
  if (file === undefined)
    throw invalid(member, `is a hard link to "${displayShort(member.linkName)}", which comes nowhere before it`);
  if (file.type === "directory") throw invalid(member, "is a hard link to a directory");
  // All names of a file share what the file has: owner, mode, times.
  return { ...file, path };
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
  return new ImageDslError("E_TAR_INVALID", `The member "${displayShort(member.name)}" of the tar archive ${what}`);
}
