/**
 * A tar cut into pieces of at most a chunk. Each can be written by itself, in any order and by any thread, and one
 * behind the other they are the tar.
 */
import { openContent } from "../tree/content.ts";
import type { Entry, FileEntry } from "../model/entry.ts";
import { BLOCK, MAX_HEADER, headerSize, paddedSize, writeHeader } from "./header.ts";

/** Bytes of a piece, at most. */
export const CHUNK = 1024 * 1024;

/** Two zero blocks end an archive. */
export const END_SIZE = 2 * BLOCK;

/** Content above this has pieces of its own, so that whatever header stands before other content, a piece holds both. */
const LARGE = CHUNK - MAX_HEADER;

/** Plain data, so that it can be handed to another thread. */
export type TarPiece =
  /** Headers and contents of entries, without the content of a large file: that follows. */
  | { readonly kind: "entries"; readonly entries: readonly Entry[]; readonly isEnd: boolean }
  /** A part of a large file's content. */
  | { readonly kind: "content"; readonly file: FileEntry; readonly from: number; readonly length: number };

export function* tarPieces(entries: Iterable<Entry>): Generator<TarPiece> {
  let run: Entry[] = [];
  let used = 0;
  for (const entry of entries) {
    const isLarge = entry.type === "file" && entry.size > LARGE;
    const size = headerSize(entry) + (entry.type === "file" && !isLarge ? paddedSize(entry.size) : 0);
    if (used + size > CHUNK) {
      yield { kind: "entries", entries: run, isEnd: false };
      run = [];
      used = 0;
    }
    run.push(entry);
    used += size;
    if (!isLarge) continue;
    yield { kind: "entries", entries: run, isEnd: false };
    run = [];
    used = 0;
    for (let from = 0; from < entry.size; from += CHUNK) {
      yield { kind: "content", file: entry, from, length: Math.min(CHUNK, entry.size - from) };
    }
  }
  if (used + END_SIZE > CHUNK) {
    yield { kind: "entries", entries: run, isEnd: false };
    run = [];
  }
  yield { kind: "entries", entries: run, isEnd: true };
}

/** Writes a piece to the start of `target`, which has room for `CHUNK` bytes, and returns its length. Throws `E_CONTENT_CHANGED` where a file is no longer what it was when listed. */
export function writePiece(piece: TarPiece, target: Buffer): number {
  if (piece.kind === "content") return writeContent(piece.file, piece.from, piece.length, target, 0);
  let used = 0;
  for (const entry of piece.entries) {
    used += writeHeader(target, used, entry);
    if (entry.type === "file" && entry.size > 0 && entry.size <= LARGE) {
      used += writeContent(entry, 0, entry.size, target, used);
    }
  }
  if (!piece.isEnd) return used;
  target.fill(0, used, used + END_SIZE);
  return used + END_SIZE;
}

/** Content and the padding behind it. Only a file's last piece can need padding: the others are whole blocks. */
function writeContent(file: FileEntry, from: number, length: number, target: Buffer, at: number): number {
  const reader = openContent(file, from);
  try {
    let read = 0;
    while (read < length) read += reader.read(target, at + read, length - read);
    reader.finish();
  } finally {
    reader.close();
  }
  const padded = paddedSize(length);
  target.fill(0, at + length, at + padded);
  return padded;
}
