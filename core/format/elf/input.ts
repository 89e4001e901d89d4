/** Random access to the bytes of a file of a tree or of the host, for formats that are not read front to back. */
import { closeSync, fstatSync, openSync, readSync, constants } from "node:fs";
import { ImageDslError, messageOf } from "../../error.ts";
import { displayBytes } from "../../model/bytes.ts";
import type { ContentHandle, FileEntry, HostPath } from "../../model/entry.ts";
import { displayPath } from "../../model/path.ts";
import { hostStatOf, sameStat } from "../../tree/content.ts";
import { deferredReader, noteRead } from "../../tree/deferred-archives.ts";
import { toFsPath } from "../../tree/host.ts";

/** Where the bytes of an ELF file come from: memory, the store or a file of the host. */
export interface ByteSource {
  /** Bytes in all; offsets past it are refused as a damaged file. */
  readonly size: number;
  /** Exactly `length` bytes at `offset`. The caller has compared them with `size`. Throws `E_CONTENT_CHANGED` where the file got shorter. */
  read(offset: number, length: number): Buffer;
}

/** Calls `work` with the bytes of a tree's file. Throws `E_CONTENT_UNREADABLE` and `E_CONTENT_CHANGED`. */
export function withEntryBytes<Result>(entry: FileEntry, work: (source: ByteSource) => Result): Result {
  const { content } = entry;
  if (content.kind === "inline") return work(inlineSource(content.bytes));
  const shown = displayPath(entry.path);
  const read = content.kind === "slice" ? deferredReader(content.file) : undefined;
  if (read !== undefined) {
    const { offset: start } = content as ContentHandle & { kind: "slice" };
    return work({ size: entry.size, read: (offset, length) => Buffer.from(read(start + offset, length)) });
  }
  return withOpenFile(content.file, (fd) => {
    if (content.kind === "host" && !sameStat(content.stat, hostStatOf(fstatSync(fd))))
      throw changed(content.file, shown);
    return work(fileSource(fd, content.kind === "slice" ? content.offset : 0, entry.size, content.file, shown));
  });
}

/** Calls `work` with the bytes of a file of the host. Throws `E_CONTENT_UNREADABLE`. */
export function withHostBytes<Result>(file: HostPath, work: (source: ByteSource) => Result): Result {
  return withOpenFile(file, (fd) => work(fileSource(fd, 0, fstatSync(fd).size, file, displayBytes(file))));
}

export function invalidElf(name: string, why: string): ImageDslError {
  return new ImageDslError("E_ELF_INVALID", `Cannot read ${displayBytes(name)} as an ELF file: ${why}`);
}

function inlineSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { size: buffer.length, read: (offset, length) => buffer.subarray(offset, offset + length) };
}

function fileSource(fd: number, start: number, size: number, file: HostPath, shown: string): ByteSource {
  return {
    size,
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let filled = 0; filled < length;) {
        const count = readSync(fd, bytes, filled, length - filled, start + offset + filled);
        if (count === 0) throw changed(file, shown);
        filled += count;
      }
      noteRead(file, start + offset, bytes);
      return bytes;
    },
  };
}

function withOpenFile<Result>(file: HostPath, work: (fd: number) => Result): Result {
  let fd: number;
  try {
    fd = openSync(toFsPath(file), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new ImageDslError("E_CONTENT_UNREADABLE", `Cannot open ${displayBytes(file)}: ${messageOf(cause)}`, {
      cause,
    });
  }
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

function changed(file: HostPath, shown: string): ImageDslError {
  return new ImageDslError("E_CONTENT_CHANGED", `${displayBytes(file)} changed while ${shown} was read from it`, {
    hint: "Build again when nothing writes to it",
  });
}
