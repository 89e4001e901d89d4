/** A tar archive, of the host or of the web, as one closure node: decompressed once into the store, read in place. */
import { basename, posix, resolve } from "node:path";
import {
  ImageDslError,
  compressionOfFile,
  fetchPinned,
  indexTar,
  interruptible,
  messageOf,
  onceInBuild,
  placedIn,
  redactUrl,
  streamRegular,
  treeBelow,
  treePath,
  unpackedArchive,
  type BuildContext,
  type Collected,
  type CompressionFormat,
  type FileTree,
} from "../../core/index.ts";
import type { ArchiveOptions } from "./source.ts";

/** Throws `E_FILES` where it cannot be read, `E_COMPRESSION` and `E_TAR_INVALID` where it is damaged, and what `fetchPinned` throws. */
export async function collectArchive(options: ArchiveOptions, context: BuildContext): Promise<Collected> {
  if ("url" in options) {
    const { file } = await fetchPinned(options, context);
    const shown = redactUrl(options.url);
    const collected = await placedIn(shown, () => readArchive(file, posix.basename(shown), options.dest, context));
    return { ...collected, nodes: collected.nodes.map((node) => ({ ...node, volatility: "pinned" as const })) };
  }
  const path = resolve(context.directory, options.file);
  return placedIn(options.file, () => readArchive(path, basename(options.file), options.dest, context));
}

async function readArchive(
  path: string,
  name: string,
  dest: string | undefined,
  context: BuildContext,
): Promise<Collected> {
  const { file: tarFile, digest } = await unpackedArchive(path, await formatOf(path), context);
  const whole = await indexOnce(context, `${digest} ${tarFile}`, () =>
    indexTar(interruptible(streamRegular(tarFile, 1024 * 1024), context.signal), { file: tarFile, archive: digest }),
  );
  const tree = treeBelow(whole, treePath(dest ?? "/"));
  const id = `archive:${dest ?? "/"}@${digest}`;
  return { nodes: [{ id, kind: "archive", name, tree, size: tree.contentSize(), needs: [] }], roots: [id] };
}

const indexOnce = onceInBuild<FileTree>();

async function formatOf(path: string): Promise<CompressionFormat> {
  try {
    return await compressionOfFile(path);
  } catch (cause) {
    throw new ImageDslError("E_FILES", `Cannot read the archive ${path}: ${messageOf(cause)}`, {
      hint: "Paths start from the config's folder",
      cause,
    });
  }
}
