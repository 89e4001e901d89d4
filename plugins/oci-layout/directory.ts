/**
 * A layout that is a folder: blobs are written under another name and renamed when whole, `index.json` last. What is in
 * it already stays; several builds may write into it at once.
 */
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import {
  ImageDslError,
  blobPath,
  digestOfChunks,
  interruptible,
  exclusively,
  fileFact,
  messageOf,
  pump,
  renameWhenWhole,
  streamRegular,
  systemCodeOf,
  type Blob,
  type BlobDigest,
  type BuildContext,
  type DocumentBlob,
  type PackedTarget,
} from "../../core/index.ts";
import { mergeIndex, namedTargets } from "./index-json.ts";
import { BLOBS, INDEX_FILE, openLayout, readOwn, temporaryFile, writeUnder } from "./open-layout.ts";
import type { LayoutPlace } from "./place.ts";

const READ_BYTES = 1024 * 1024;

/** Throws `E_OUTPUT` and `E_NO_SPACE`. */
export async function writeLayout(
  directory: string,
  targets: readonly PackedTarget[],
  { name }: LayoutPlace,
  context: BuildContext,
): Promise<void> {
  try {
    await openLayout(directory);
    for (const target of targets) await writeTarget(directory, target, context);
    const added = await namedTargets(targets, name);
    await exclusively(join(directory, BLOBS, "index.lock"), context.signal, async () => {
      const before = await readOwn(directory, INDEX_FILE);
      await writeUnder(directory, INDEX_FILE, mergeIndex(directory, before, added));
    });
  } catch (cause) {
    if (cause instanceof ImageDslError || systemCodeOf(cause) === undefined) throw cause;
    throw new ImageDslError("E_OUTPUT", `Cannot write ${directory}: ${messageOf(cause)}`, {
      hint: "Name a folder in one that you may write to",
      cause,
    });
  }
}

async function writeTarget(directory: string, { parts, top }: PackedTarget, context: BuildContext): Promise<void> {
  const { manifests, indexes } = await parts();
  for (const { layers, config, manifest } of manifests) {
    for (const layer of layers) await writeBlob(directory, layer, context);
    await writeDocument(directory, await config(), context);
    await writeDocument(directory, await manifest(), context);
  }
  for (const document of [...indexes, await top()]) await writeDocument(directory, document, context);
}

async function writeBlob(directory: string, blob: Blob, context: BuildContext): Promise<void> {
  const known = await blob.known();
  if (known !== undefined && (await isThere(directory, known, context))) return;
  await renameWhenWhole(temporaryFile(directory), directory, async (temporary) => {
    const handle = await open(temporary, "wx", 0o666);
    try {
      await pump(blob.open(), (bytes) => handle.writeFile(bytes), context.signal);
    } finally {
      await handle.close();
    }
    // All of it was read, and compared with what was known of it before.
    return join(directory, blobPath((await blob.known())!.digest));
  });
}

async function writeDocument(directory: string, { descriptor, bytes }: DocumentBlob, context: BuildContext) {
  if (!(await isThere(directory, descriptor, context))) await writeUnder(directory, blobPath(descriptor.digest), bytes);
}

/** Whole, and what its name says. It is read for that once; then it is known by its stat. */
async function isThere(
  directory: string,
  { digest, size }: BlobDigest,
  { store, signal }: BuildContext,
): Promise<boolean> {
  const file = join(directory, blobPath(digest));
  const stat = await lstat(file).catch(() => undefined);
  if (!stat?.isFile() || stat.size !== size) return false;
  return (
    (await fileFact(store, "file-digests", { file }, () =>
      digestOfChunks(interruptible(streamRegular(file, READ_BYTES), signal)),
    )) === digest
  );
}
