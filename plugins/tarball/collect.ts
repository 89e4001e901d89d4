/** A tar archive of the host as one closure node: decompressed once into the store, read in place. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  DETECT_BYTES,
  FileTree,
  ImageDslError,
  detectCompression,
  digestFromHex,
  hexOf,
  indexTar,
  joinPath,
  messageOf,
  treePath,
  type BuildContext,
  type Collected,
  type CompressionFormat,
  type Digest,
  type Entry,
  type TreePath,
  type UnpackInput,
  type UnpackOutput,
} from "../../core/index.ts";
import type { ArchiveOptions } from "./source.ts";

/** Far above what an image can hold; below it, a small hostile file cannot fill the disk. */
const MAX_BYTES = 256 * 1024 ** 3;

/** Throws `E_FILES` where it cannot be read, `E_COMPRESSION` and `E_TAR_INVALID` where it is damaged. */
export async function collectArchive({ file, dest }: ArchiveOptions, context: BuildContext): Promise<Collected> {
  const path = resolve(context.directory, file);
  const { digest, format, size } = await inspect(path);
  const tarFile = await context.store.derive("archives", hexOf(digest), ".tar", async (output) => {
    const input: UnpackInput = { file: path, offset: 0, size, format, output, maxBytes: MAX_BYTES };
    const { inputSha256, sha256 } = await context.tasks.inWorker<UnpackInput, UnpackOutput>("unpack", input);
    if (inputSha256 !== digest) {
      throw new ImageDslError("E_CONTENT_CHANGED", `The archive ${path} changed while it was read`, {
        hint: "Build again when nothing writes to it",
      });
    }
    return sha256;
  });
  const tree = below(
    await indexTar(createReadStream(tarFile), { file: tarFile, archive: digest }),
    treePath(dest ?? "/"),
  );
  const id = `archive:${dest ?? "/"}@${digest}`;
  return {
    nodes: [{ id, kind: "archive", name: basename(file), tree, size: tree.contentSize(), needs: [] }],
    roots: [id],
  };
}

async function inspect(path: string): Promise<{ digest: Digest; format: CompressionFormat; size: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const first = Buffer.alloc(DETECT_BYTES);
    const { bytesRead } = await handle.read(first, 0, DETECT_BYTES, 0);
    const { size } = await handle.stat();
    const hash = createHash("sha256");
    for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Uint8Array);
    return { digest: digestFromHex(hash.digest("hex")), format: detectCompression(first.subarray(0, bytesRead)), size };
  } catch (cause) {
    throw new ImageDslError("E_FILES", `Cannot read the archive ${path}: ${messageOf(cause)}`, {
      hint: "Paths start from the config's folder",
      cause,
    });
  } finally {
    await handle?.close();
  }
}

function below(tree: FileTree, dest: TreePath): FileTree {
  if (dest === "") return tree;
  const moved = (entry: Entry): Entry => {
    const path = joinPath(dest, entry.path);
    return entry.type === "hardlink" ? { ...entry, path, target: joinPath(dest, entry.target) } : { ...entry, path };
  };
  return FileTree.of(tree.entries().map(moved));
}
