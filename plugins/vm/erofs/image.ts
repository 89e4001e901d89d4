/**
 * File trees as an EROFS image (Linux, Documentation/filesystems/erofs.rst), uncompressed. Nothing is written: the part that describes
 * files is made in memory, and any part of the whole is read when it is asked for, contents from where they are.
 */
import {
  ROOT,
  baseNameOf,
  directoryEntry,
  openContent,
  parentOf,
  type Entry,
  type FileEntry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";
import { RECORD_TYPE, directoryBlocks, directorySize, encodeDirectory, type DirectoryRecord } from "./directory.ts";
import { BLOCK, INLINE, INODE_SIZE, PLAIN, SLOT, encodeXattrs, writeInode } from "./inode.ts";
import { writeSuperblock } from "./superblock.ts";

export interface ErofsImage {
  /** Bytes, whole blocks. */
  readonly size: number;
  /** `length` bytes from `offset` into `target`. Throws `E_CONTENT_CHANGED`, `E_CONTENT_UNREADABLE`. */
  read(target: Uint8Array, offset: number, length: number): void;
  /** Files with several names, by the numbers that Linux has for them: the path that has no hard link's entry. */
  readonly linked: ReadonlyMap<number, TreePath>;
}

type Own = Exclude<Entry, { type: "hardlink" }>;

/** An inode on its way to its place. */
interface Inode {
  readonly entry: Own;
  readonly number: number;
  readonly xattrs: Buffer;
  links: number;
  /** Of a directory. */
  readonly records: DirectoryRecord[];
  /** Content that is made here; of files, what is read later. */
  size: number;
  at: number;
  layout: typeof PLAIN | typeof INLINE;
  block: number;
}

/** Each tree is a directory of the image's root. Throws `E_TREE_INVALID` for attributes that it cannot hold. */
export function erofsImage(trees: Readonly<Record<string, FileTree>>): ErofsImage {
  const inodes = inodesOf(trees);
  const blocksOf = new Map(inodes.filter(isDirectory).map((inode) => [inode, directoryBlocks(inode.records)] as const));
  for (const [inode, blocks] of blocksOf) inode.size = directorySize(blocks);

  const end = placeInodes(inodes);
  const files = placeContents(inodes, Math.ceil(end / BLOCK));
  const head = Buffer.alloc(files.headBlocks * BLOCK);
  for (const inode of inodes) {
    writeInode(head, inode.at, inode);
    if (inode.entry.type === "symlink") writeOwn(head, inode, Buffer.from(inode.entry.target, "latin1"));
    else if (inode.entry.type === "directory") writeOwn(head, inode, encodeDirectory(blocksOf.get(inode)!));
  }
  writeSuperblock(head, { root: nidOf(inodes[0]!), inodes: inodes.length, blocks: files.blocks });
  return {
    size: files.blocks * BLOCK,
    read: (target, offset, length) => readPart(head, files.inodes, target, offset, length),
    linked: new Map(inodes.filter(isLinked).map((inode) => [nidOf(inode), inode.entry.path])),
  };
}

/** The root first, then each tree in its order. */
function inodesOf(trees: Readonly<Record<string, FileTree>>): readonly Inode[] {
  const inodes: Inode[] = [];
  const add = (entry: Own): Inode => {
    const links = entry.type === "directory" ? 2 : 1;
    const size = entry.type === "file" ? entry.size : entry.type === "symlink" ? entry.target.length : 0;
    const xattrs = encodeXattrs(entry);
    const number = inodes.length + 1;
    const inode: Inode = { entry, number, xattrs, links, records: [], size, at: 0, layout: PLAIN, block: 0 };
    inodes.push(inode);
    return inode;
  };
  const root = add(directoryEntry(ROOT));
  addDots(root, root);
  for (const [name, tree] of Object.entries(trees)) {
    const top = add(directoryEntry(ROOT));
    hang(root, name, top);
    addTree(top, tree, add);
  }
  return inodes;
}

function addTree(top: Inode, tree: FileTree, add: (entry: Own) => Inode): void {
  const byPath = new Map<TreePath, Inode>([[ROOT, top]]);
  for (const entry of tree.entries()) if (entry.type !== "hardlink") byPath.set(entry.path, add(entry));
  for (const entry of tree.entries()) {
    const inode = byPath.get(entry.type === "hardlink" ? entry.target : entry.path)!;
    if (entry.type === "hardlink") inode.links++;
    hang(byPath.get(parentOf(entry.path))!, baseNameOf(entry.path), inode);
  }
}

/** A name in a directory. */
function hang(parent: Inode, name: string, inode: Inode): void {
  parent.records.push({ name, type: RECORD_TYPE[inode.entry.type], nid: () => nidOf(inode) });
  if (!isDirectory(inode)) return;
  parent.links++;
  addDots(inode, parent);
}

function addDots(directory: Inode, parent: Inode): void {
  const type = RECORD_TYPE.directory;
  directory.records.push(
    { name: ".", type, nid: () => nidOf(directory) },
    { name: "..", type, nid: () => nidOf(parent) },
  );
}

/** Gives inodes their places, one behind the other, and says where they end. What is made here, or its last part, goes behind its inode if a block can hold both. */
function placeInodes(inodes: readonly Inode[]): number {
  let at = BLOCK;
  for (const inode of inodes) {
    const fixed = INODE_SIZE + inode.xattrs.length;
    const tail = inode.entry.type === "file" ? 0 : inode.size % BLOCK;
    inode.layout = tail > 0 && fixed + tail <= BLOCK ? INLINE : PLAIN;
    const total = inode.layout === INLINE ? fixed + tail : fixed;
    // A tail lies in one block.
    if (inode.layout === INLINE && (at % BLOCK) + total > BLOCK) at = Math.ceil(at / BLOCK) * BLOCK;
    inode.at = at;
    at = Math.ceil((at + total) / SLOT) * SLOT;
  }
  return at;
}

interface PlacedContents {
  /** Blocks that are made in memory: they come first. */
  readonly headBlocks: number;
  readonly blocks: number;
  /** Files with content, by block. */
  readonly inodes: readonly Inode[];
}

function placeContents(inodes: readonly Inode[], from: number): PlacedContents {
  let block = from;
  const place = (inode: Inode): void => {
    const count = inode.layout === INLINE ? Math.floor(inode.size / BLOCK) : Math.ceil(inode.size / BLOCK);
    inode.block = count === 0 ? 0 : block;
    block += count;
  };
  const files = inodes.filter(({ entry, size }) => entry.type === "file" && size > 0);
  for (const inode of inodes) if (inode.entry.type !== "file") place(inode);
  const headBlocks = block;
  for (const file of files) place(file);
  return { headBlocks, blocks: block, inodes: files };
}

function writeOwn(head: Buffer, { at, xattrs, layout, block }: Inode, content: Buffer): void {
  const whole = layout === INLINE ? Math.floor(content.length / BLOCK) * BLOCK : content.length;
  content.copy(head, block * BLOCK, 0, whole);
  content.copy(head, at + INODE_SIZE + xattrs.length, whole);
}

function readPart(head: Buffer, files: readonly Inode[], target: Uint8Array, offset: number, length: number): void {
  const part = target.subarray(0, length).fill(0);
  const end = offset + length;
  if (offset < head.length) part.set(head.subarray(offset, end));
  for (let index = firstReaching(files, offset); index < files.length; index++) {
    const { entry, block, size } = files[index]!;
    const start = block * BLOCK;
    if (start >= end) return;
    const from = Math.max(offset, start);
    const to = Math.min(end, start + size);
    if (from < to) readContent(entry as FileEntry, from - start, part, from - offset, to - from);
  }
}

function readContent(file: FileEntry, from: number, target: Uint8Array, at: number, length: number): void {
  const reader = openContent(file, from);
  try {
    for (let filled = 0; filled < length;) filled += reader.read(target, at + filled, length - filled);
    reader.finish();
  } finally {
    reader.close();
  }
}

/** The first file that ends behind `offset`, by halving. */
function firstReaching(files: readonly Inode[], offset: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { block, size } = files[middle]!;
    if (block * BLOCK + size <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nidOf({ at }: Inode): number {
  return (at - BLOCK) / SLOT;
}

function isLinked({ entry, links }: Inode): boolean {
  return entry.type === "file" && links > 1;
}

function isDirectory({ entry }: Inode): boolean {
  return entry.type === "directory";
}
