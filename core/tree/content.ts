/** Reading the bytes behind a `ContentHandle`. Synchronous: the hot path runs in order, in one thread at a time. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { ImageDslError, messageOf } from "../error.ts";
import { beyond, isWithin, type Most } from "../limits/limits.ts";
import { displayBytes } from "../model/bytes.ts";
import type { ContentHandle, FileEntry, HostPath, HostStat } from "../model/entry.ts";
import { displayPath } from "../model/path.ts";
import { deferredReader, noteRead } from "./deferred-archives.ts";
import { toFsPath } from "./host.ts";

/** All bytes of a file, such as passwd or dpkg's status. Throws `E_CONTENT_UNREADABLE` beyond the limit. */
export function readWhole(entry: FileEntry, most: Most = "file.bytes"): Uint8Array {
  if (!isWithin(most, entry.size)) {
    throw new ImageDslError(
      "E_CONTENT_UNREADABLE",
      `${displayPath(entry.path)} cannot be read whole: it has ${beyond(most)}`,
    );
  }
  const bytes = Buffer.allocUnsafe(entry.size);
  const reader = openContent(entry);
  try {
    let filled = 0;
    while (filled < entry.size) filled += reader.read(bytes, filled, entry.size - filled);
    reader.finish();
  } finally {
    reader.close();
  }
  return bytes;
}

/** A file's bytes, in order, once. */
export interface ContentReader {
  /** Fills `target` from `offset` with up to `length` bytes; at least one. Throws `E_CONTENT_CHANGED` where the file got shorter. */
  read(target: Uint8Array, offset: number, length: number): number;
  /** After the last byte: throws `E_CONTENT_CHANGED` where a host file grew or was written meanwhile. */
  finish(): void;
  /** Closes the file, read to its end or not; call it once, also after an error. */
  close(): void;
}

/** As much of a file entry as reading it needs. */
export interface ReadableFile extends Pick<FileEntry, "path" | "size"> {
  readonly content: InlineContent | Omit<HostContent, "identity"> | Omit<SliceContent, "archive">;
}

type InlineContent = ContentHandle & { kind: "inline" };
type HostContent = ContentHandle & { kind: "host" };
type SliceContent = ContentHandle & { kind: "slice" };

/** `from`: the first byte to be read. */
export function openContent(entry: ReadableFile, from = 0): ContentReader {
  const { content } = entry;
  switch (content.kind) {
    case "inline":
      return inlineReader(entry, content.bytes, from);
    case "host":
      return hostReader(entry, content, from);
    case "slice":
      return sliceReader(entry, content, from);
  }
}

/** The stat record by which a host file is known. */
export function hostStatOf({ size, mtimeMs, ctimeMs, ino, dev }: Stats): HostStat {
  return { size: inPlace(size), mtimeMs, ctimeMs, ino: inPlace(ino), dev: inPlace(dev) };
}

/** The same number. Node gives each in a box of its own; small whole ones need none, and there may be very many. */
function inPlace(number: number): number {
  const whole = number | 0;
  return whole === number ? whole : number;
}

/**
 * A file that changed so shortly before it was listed may change again without its times telling, if the clock of its
 * file system is coarse (2 s on FAT). Git calls such a file racily clean. Milliseconds.
 */
export const CLOCK_GRANULARITY = 2000;

/** The device is left out: it is told anew at each mount. */
export function sameStat(one: HostStat, other: HostStat): boolean {
  return (
    one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs && one.ino === other.ino
  );
}

function inlineReader(entry: ReadableFile, bytes: Uint8Array, from: number): ContentReader {
  if (bytes.length !== entry.size) {
    throw new ImageDslError(
      "E_TREE_INVALID",
      `${displayPath(entry.path)} has ${bytes.length} bytes of content, but its size is said to be ${entry.size}`,
      { hint: "This is a mistake of the plugin that made the entry: report it there" },
    );
  }
  let position = from;
  return {
    read(target, offset, length) {
      const piece = bytes.subarray(position, position + length);
      target.set(piece, offset);
      position += piece.length;
      return piece.length;
    },
    finish() {},
    close() {},
  };
}

function hostReader(entry: ReadableFile, content: HostContent, from: number): ContentReader {
  const fd = open(content.file);
  let position = from;
  return {
    read(target, offset, length) {
      const count = readSome(entry, content.file, fd, target, offset, length, position);
      position += count;
      return count;
    },
    // Once, at the end: what changed since it was listed, before or while it was read, still shows then.
    finish: () => checkUnchanged(entry, content, fd),
    close: () => closeSync(fd),
  };
}

interface SharedFile {
  readonly file: string;
  readonly fd: number;
  users: number;
}

/** Slices of one archive mostly follow each other, so the last archive stays open between them. */
let lastArchive: SharedFile | undefined;

function sliceReader(entry: ReadableFile, content: Pick<SliceContent, "file" | "offset">, from: number): ContentReader {
  let position = content.offset + from;
  const readDeferred = deferredReader(content.file);
  if (readDeferred !== undefined) {
    return {
      read(target, offset, length) {
        target.set(readDeferred(position, length), offset);
        position += length;
        return length;
      },
      finish() {},
      close() {},
    };
  }
  const archive = acquire(content.file);
  return {
    read(target, offset, length) {
      const count = readSome(entry, content.file, archive.fd, target, offset, length, position);
      noteRead(content.file, position, target.subarray(offset, offset + count));
      position += count;
      return count;
    },
    finish() {},
    close: () => release(archive),
  };
}

function acquire(file: string): SharedFile {
  if (lastArchive?.file !== file) {
    const next = { file, fd: open(file), users: 0 };
    if (lastArchive?.users === 0) closeSync(lastArchive.fd);
    lastArchive = next;
  }
  lastArchive.users++;
  return lastArchive;
}

function release(archive: SharedFile): void {
  archive.users--;
  if (archive.users === 0 && archive !== lastArchive) closeSync(archive.fd);
}

function open(file: HostPath): number {
  try {
    // What has become a pipe since it was listed would wait for a writer.
    return openSync(toFsPath(file), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new ImageDslError("E_CONTENT_UNREADABLE", `Cannot open ${displayBytes(file)}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function readSome(
  entry: ReadableFile,
  file: HostPath,
  fd: number,
  target: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const count = readSync(fd, target, offset, length, position);
  if (count === 0 && length > 0) throw changed(entry, file);
  return count;
}

function checkUnchanged(entry: ReadableFile, content: HostContent, fd: number): void {
  if (!sameStat(content.stat, hostStatOf(fstatSync(fd)))) throw changed(entry, content.file);
}

function changed(entry: ReadableFile, file: HostPath): ImageDslError {
  return new ImageDslError(
    "E_CONTENT_CHANGED",
    `${displayBytes(file)} changed while ${displayPath(entry.path)} was read from it`,
    {
      hint: "Build again when nothing writes to it",
    },
  );
}
