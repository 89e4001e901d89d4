/** Members of archives that hold images: files, all with the same owner, mode and time. */
import type { FileEntry } from "../model/entry.ts";
import { treePath } from "../model/path.ts";
import { headerSize, paddedSize, writeHeader } from "../tar/header.ts";
import { END_SIZE } from "../tar/pieces.ts";
import { inlineFile } from "../tree/inline-file.ts";

/** A file of an archive whose bytes are in memory: header, bytes, padding; owner, mode and time as `member` has them. */
export function* smallMember(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield memberHeader(name, bytes.length);
  yield bytes;
  yield Buffer.alloc(paddedSize(bytes.length) - bytes.length);
}

/** Chunks are valid until the one after the next is asked for, as those that are given. */
export async function* member(
  name: string,
  size: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield memberHeader(name, size);
  yield* chunks;
  yield Buffer.alloc(paddedSize(size) - size);
}

/** The zero blocks that a tar has to end with, to be written once after the last member. */
export function archiveEnd(): Uint8Array {
  return Buffer.alloc(END_SIZE);
}

function memberHeader(name: string, size: number): Uint8Array {
  // A header says nothing of the bytes behind it but their number.
  const entry: FileEntry = { ...inlineFile(treePath(name), new Uint8Array(0)), size };
  const header = Buffer.alloc(headerSize(entry));
  writeHeader(header, 0, entry);
  return header;
}
