/**
 * A tar cut into pieces of at most a chunk. Each can be written by itself and in any order, and one behind the
 * other they are the tar. What stands around contents is one step, filling contents in the other, which any thread may do.
 */
import { openContent, type ReadableFile } from "../tree/content.ts";
import type { Entry, FileEntry } from "../model/entry.ts";
import { BLOCK, MAX_HEADER, headerSize, paddedSize, writeHeader } from "./header.ts";

/** Bytes of a piece, at most. */
export const CHUNK = 1024 * 1024;

/** Two zero blocks end an archive. */
export const END_SIZE = 2 * BLOCK;

/** Content above this has pieces of its own, so that whatever header stands before other content, a piece holds both. */
const LARGE = CHUNK - MAX_HEADER;

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

/** Where in a piece a part of a file's content belongs. */
export interface ContentPlace {
  readonly file: ReadableFile;
  /** Of the content: its first byte here, and how many there are. */
  readonly from: number;
  readonly length: number;
  /** Of the piece. */
  readonly at: number;
}

/**
 * Writes what stands around contents, headers and padding, to the start of `target`, which has room for `CHUNK` bytes.
 * Gives the piece's length, and the contents that are missing.
 */
export function writeFrame(piece: TarPiece, target: Buffer): { length: number; contents: readonly ContentPlace[] } {
  if (piece.kind === "content") {
    const { file, from, length } = piece;
    return { length: pad(target, length), contents: [{ file, from, length, at: 0 }] };
  }
  const contents: ContentPlace[] = [];
  let used = 0;
  for (const entry of piece.entries) {
    used += writeHeader(target, used, entry);
    if (entry.type !== "file" || entry.size === 0 || entry.size > LARGE) continue;
    contents.push({ file: entry, from: 0, length: entry.size, at: used });
    used = pad(target, used + entry.size);
  }
  if (!piece.isEnd) return { length: used, contents };
  target.fill(0, used, used + END_SIZE);
  return { length: used + END_SIZE, contents };
}

/** Zeros from `end` to the next block, where it gives its place. Headers stand at whole blocks, and so does content. */
function pad(target: Buffer, end: number): number {
  const padded = paddedSize(end);
  target.fill(0, end, padded);
  return padded;
}

/** Throws `E_CONTENT_CHANGED` where the file is no longer what it was when listed. */
export function writeContent({ file, from, length, at }: ContentPlace, target: Buffer): void {
  const reader = openContent(file, from);
  try {
    let read = 0;
    while (read < length) read += reader.read(target, at + read, length - read);
    reader.finish();
  } finally {
    reader.close();
  }
}
