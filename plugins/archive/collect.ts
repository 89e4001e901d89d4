/** A tar archive of the host as one closure node: decompressed once into the store, read in place. */
import { basename, resolve } from "node:path";
import {
  ImageDslError,
  compressionOfFile,
  indexTar,
  messageOf,
  placedIn,
  streamRegular,
  treeBelow,
  treePath,
  unpackedArchive,
  type BuildContext,
  type Collected,
  type CompressionFormat,
} from "../../core/index.ts";
import type { ArchiveOptions } from "./source.ts";

/** Throws `E_FILES` where it cannot be read, `E_COMPRESSION` and `E_TAR_INVALID` where it is damaged. */
export function collectArchive(options: ArchiveOptions, context: BuildContext): Promise<Collected> {
  return placedIn(options.file, () => readArchive(options, context));
}

async function readArchive({ file, dest }: ArchiveOptions, context: BuildContext): Promise<Collected> {
  const path = resolve(context.directory, file);
  const { file: tarFile, digest } = await unpackedArchive(path, await formatOf(path), context);
  const tree = treeBelow(
    await indexTar(streamRegular(tarFile, 1024 * 1024), { file: tarFile, archive: digest }),
    treePath(dest ?? "/"),
  );
  const id = `archive:${dest ?? "/"}@${digest}`;
  return {
    nodes: [{ id, kind: "archive", name: basename(file), tree, size: tree.contentSize(), needs: [] }],
    roots: [id],
  };
}

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
