/** The files that an image archive or an OCI layout consists of: where their bytes are. Nothing is unpacked. */
import { createHash } from "node:crypto";
import { createReadStream, statSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  DETECT_BYTES,
  ImageDslError,
  detectCompression,
  digestFromHex,
  fileFact,
  hexOf,
  messageOf,
  readRange,
  treePath,
  type BuildContext,
  type CompressionFormat,
  type Digest,
  type Json,
  type UnpackInput,
  type UnpackOutput,
} from "../../core/index.ts";
import { readMembers } from "./members.ts";

/** A stretch of a file of the host. */
export interface FilePlace {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

export interface ImageFiles {
  /** As it is shown to people. */
  readonly shown: string;
  /** Undefined where there is no such file. Throws `E_PATH_INVALID` for a name that leads out. */
  find(name: string): FilePlace | undefined;
}

/** Far above what an image can hold. */
export const MAX_BYTES = 256 * 1024 ** 3;

/** Throws `E_BASE_IMAGE` where nothing is there, `E_COMPRESSION` and `E_TAR_INVALID` where it is damaged. */
export async function openImageFiles(given: string, context: BuildContext): Promise<ImageFiles> {
  const path = resolve(context.directory, given);
  return statOf(path, given).isDirectory() ? layoutFiles(path, given) : archiveFiles(path, given, context);
}

function layoutFiles(directory: string, shown: string): ImageFiles {
  return {
    shown,
    find(name) {
      const file = join(directory, treePath(name));
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat?.isFile() ? { file, offset: 0, size: stat.size } : undefined;
    },
  };
}

async function archiveFiles(path: string, shown: string, context: BuildContext): Promise<ImageFiles> {
  const format = await formatOf({ file: path, offset: 0, size: DETECT_BYTES });
  const tar = format === "none" ? path : await decompressed(path, format, context);
  const members = await readMembers(tar, context.store);
  return {
    shown,
    find(name) {
      const place = members.find(treePath(name));
      return place && { file: tar, ...place };
    },
  };
}

/** Of the first bytes. */
export async function formatOf({ file, offset, size }: FilePlace): Promise<CompressionFormat> {
  const handle = await open(file);
  try {
    const first = Buffer.alloc(Math.min(DETECT_BYTES, size));
    const { bytesRead } = await handle.read(first, 0, first.length, offset);
    return detectCompression(first.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** The file's bytes. Throws `E_BASE_IMAGE` above `limit`. */
export async function readPlace(place: FilePlace, limit: number, shown: string): Promise<Buffer> {
  if (place.size > limit) {
    throw new ImageDslError("E_BASE_IMAGE", `${shown} has ${place.size} bytes, where at most ${limit} make sense`);
  }
  const pieces: Uint8Array[] = [];
  const handle = await open(place.file);
  try {
    for await (const piece of readRange(handle, place.offset, place.size)) pieces.push(piece);
  } finally {
    await handle.close();
  }
  return Buffer.concat(pieces);
}

/** The archive in the store, without its compression. */
async function decompressed(file: string, format: CompressionFormat, { store, tasks }: BuildContext): Promise<string> {
  const digest = await fileFact(store, "file-digests", { file }, () => digestOfFile(file));
  const { size } = statSync(file);
  return store.derive("archives", hexOf(digest as Digest), ".tar", async (output) => {
    const input: UnpackInput = { file, offset: 0, size, format, output, maxBytes: MAX_BYTES };
    const { inputSha256, sha256 } = await tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
    if (inputSha256 === digest) return sha256;
    throw new ImageDslError("E_CONTENT_CHANGED", `The archive ${file} changed while it was read`, {
      hint: "Build again when nothing writes to it",
    });
  });
}

async function digestOfFile(file: string): Promise<Json> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Uint8Array);
  return digestFromHex(hash.digest("hex"));
}

function statOf(path: string, given: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw new ImageDslError("E_BASE_IMAGE", `Cannot read the base image "${given}": ${messageOf(cause)}`, {
      hint: "Paths start from the config's folder",
      cause,
    });
  }
}
