/**
 * A layout that is a folder: blobs are written under another name and renamed when whole, `index.json` last. What is in
 * it already stays; several builds may write into it at once.
 */
import { createHash } from "node:crypto";
import { lstat, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ImageDslError,
  blobPath,
  digestFromHex,
  digestOfChunks,
  exclusively,
  fileFact,
  isRecord,
  makeDirectory,
  messageOf,
  openRegular,
  parseJson,
  pump,
  replaceFile,
  streamRegular,
  systemCodeOf,
  uniqueSuffix,
  unsound,
  type Blob,
  type BlobDigest,
  type Descriptor,
  type BuildContext,
  type DocumentBlob,
  type PackedTarget,
} from "../../core/index.ts";
import { LAYOUT_FILE, LAYOUT_JSON, mergeIndex, namedDescriptor } from "./index-json.ts";
import type { LayoutPlace } from "./place.ts";

const READ_BYTES = 1024 * 1024;

/** Throws `E_OUTPUT`, `E_NO_SPACE`, and `E_BASE_IMAGE` where a layout is there that cannot be added to. */
export async function writeLayout(
  directory: string,
  targets: readonly PackedTarget[],
  { name }: LayoutPlace,
  context: BuildContext,
): Promise<void> {
  try {
    await openLayout(directory);
    const added: Descriptor[] = [];
    for (const target of targets) {
      await writeTarget(directory, target, context);
      added.push(await namedDescriptor(target, name));
    }
    const index = join(directory, "index.json");
    await exclusively(join(directory, ".index.lock"), context.signal, async () => {
      const before = await contentOf(index);
      await replaceFile(index, (file) => writeFile(file, mergeIndex(directory, before, added), { flag: "wx" }));
    });
  } catch (cause) {
    if (cause instanceof ImageDslError || systemCodeOf(cause) === undefined) throw cause;
    throw new ImageDslError("E_OUTPUT", `Cannot write ${directory}: ${messageOf(cause)}`, {
      hint: "Name a folder in one that you may write to",
      cause,
    });
  }
}

/** Makes the folder, or sees that what is there is a layout or empty. */
async function openLayout(directory: string): Promise<void> {
  makeDirectory(join(directory, "blobs", "sha256"), 0o777);
  const before = await contentOf(join(directory, LAYOUT_FILE));
  if (before === undefined) {
    await replaceFile(join(directory, LAYOUT_FILE), (file) => writeFile(file, LAYOUT_JSON, { flag: "wx" }));
    return;
  }
  const layout = parseJson(directory, before, LAYOUT_FILE);
  const version = isRecord(layout) ? layout["imageLayoutVersion"] : undefined;
  if (typeof version === "string" && version.startsWith("1.")) return;
  throw unsound(directory, "it is a layout of another version than 1", "Name another folder");
}

async function writeTarget(directory: string, target: PackedTarget, context: BuildContext): Promise<void> {
  for (const { layers, config, manifest } of target.images) {
    for (const layer of layers) await writeBlob(directory, layer, context);
    await writeDocument(directory, await config(), context);
    await writeDocument(directory, await manifest(), context);
  }
  await writeDocument(directory, await target.top(), context);
}

async function writeBlob(directory: string, blob: Blob, context: BuildContext): Promise<void> {
  const known = await blob.known();
  if (known !== undefined && (await isThere(directory, known, context))) return;
  await writeUnderDigest(directory, blob.open(), context.signal);
}

async function writeDocument(directory: string, { descriptor, bytes }: DocumentBlob, context: BuildContext) {
  if (await isThere(directory, descriptor, context)) return;
  await writeUnderDigest(directory, once(bytes), context.signal);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The digest is known when all is written, and then the file gets its name. */
async function writeUnderDigest(directory: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  const temporary = join(directory, "blobs", `.${uniqueSuffix()}`);
  const hash = createHash("sha256");
  try {
    const handle = await open(temporary, "wx", 0o666);
    try {
      const write = async (bytes: Uint8Array): Promise<void> => {
        hash.update(bytes);
        await handle.writeFile(bytes);
      };
      await pump(chunks, write, signal);
    } finally {
      await handle.close();
    }
    await rename(temporary, join(directory, blobPath(digestFromHex(hash.digest("hex")))));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Whole, and what its name says. It is read for that once; then it is known by its stat. */
async function isThere(directory: string, { digest, size }: BlobDigest, { store }: BuildContext): Promise<boolean> {
  const file = join(directory, blobPath(digest));
  const stat = await lstat(file).catch(() => undefined);
  if (!stat?.isFile() || stat.size !== size) return false;
  return (
    (await fileFact(store, "file-digests", { file }, () => digestOfChunks(streamRegular(file, READ_BYTES)))) === digest
  );
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  const stat = await lstat(file).catch(() => undefined);
  if (stat === undefined) return undefined;
  const handle = await openRegular(file);
  try {
    return await readFile(handle);
  } finally {
    await handle.close();
  }
}
