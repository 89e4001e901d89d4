/**
 * Nix archives: one file, link or directory as one stream, of which Nix's hashes are made (Dolstra, "The Purely
 * Functional Software Deployment Model", figure 5.2). Of metadata it holds only whether a file is executable.
 */
import { createHash } from "node:crypto";
import { ImageDslError } from "../error.ts";
import type { Entry, FileEntry } from "../model/entry.ts";
import { baseNameOf, displayPath, parentOf, type TreePath } from "../model/path.ts";
import { openContent } from "../tree/content.ts";
import type { FileTree } from "../tree/file-tree.ts";

/** Most of a file that is read at once. */
const PIECE = 1024 * 1024;

/** The archive of `path` and what lies below it, in chunks. Throws `E_TREE_INVALID` for what no archive can hold. */
export function* narChunks(tree: FileTree, path: TreePath): Generator<Uint8Array> {
  const top = tree.get(path);
  if (top === undefined) throw new ImageDslError("E_TREE_INVALID", `There is no ${displayPath(path)}`);
  yield words("nix-archive-1");
  yield* nodeChunks(tree, top, childrenBelow(tree, top));
}

/** The sha256 of the archive in hex, and its size: as Nix's database has them. */
export function narHash(tree: FileTree, path: TreePath): { readonly hash: string; readonly size: number } {
  const hash = createHash("sha256");
  let size = 0;
  for (const chunk of narChunks(tree, path)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { hash: hash.digest("hex"), size };
}

type Children = ReadonlyMap<TreePath, readonly Entry[]>;

function* nodeChunks(tree: FileTree, entry: Entry, children: Children): Generator<Uint8Array> {
  if (entry.type === "directory") {
    yield words("(", "type", "directory");
    for (const child of children.get(entry.path) ?? []) {
      yield words("entry", "(", "name", baseNameOf(child.path), "node");
      yield* nodeChunks(tree, child, children);
      yield words(")");
    }
    yield words(")");
  } else if (entry.type === "symlink") {
    yield words("(", "type", "symlink", "target", entry.target, ")");
  } else {
    yield* fileChunks(fileOf(tree, entry));
  }
}

function* fileChunks(file: FileEntry): Generator<Uint8Array> {
  yield words("(", "type", "regular", ...((file.mode & 0o100) === 0 ? [] : ["executable", ""]), "contents");
  yield lengthOf(file.size);
  const reader = openContent(file);
  try {
    for (let left = file.size; left > 0;) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE));
      const count = reader.read(piece, 0, piece.length);
      yield piece.subarray(0, count);
      left -= count;
    }
    reader.finish();
  } finally {
    reader.close();
  }
  yield Buffer.alloc(padding(file.size));
  yield words(")");
}

function fileOf(tree: FileTree, entry: Entry): FileEntry {
  const file = entry.type === "hardlink" ? tree.get(entry.target) : entry;
  if (file?.type === "file") return file;
  const message = `${displayPath(entry.path)} is a ${entry.type}, which a Nix archive cannot hold`;
  throw new ImageDslError("E_TREE_INVALID", message);
}

/** A tree's order is by components, so siblings stand in byte order already: that of archives. */
function childrenBelow(tree: FileTree, top: Entry): Children {
  const children = new Map<TreePath, Entry[]>();
  if (top.type !== "directory") return children;
  for (const entry of tree.under(top.path)) {
    const parent = parentOf(entry.path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  }
  return children;
}

/** Byte strings, each behind its length and filled up to a multiple of eight. */
function words(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => [lengthOf(text.length), Buffer.from(text, "latin1"), Buffer.alloc(padding(text.length))]),
  );
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(length));
  return bytes;
}

function padding(length: number): number {
  return (8 - (length % 8)) % 8;
}
