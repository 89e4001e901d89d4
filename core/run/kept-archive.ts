/** A tar of what a script changed, as a tree whose contents lie in the store. */
import { encodeText } from "../model/bytes.ts";
import { digestOfChunks, type Digest } from "../model/digest.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { streamRegular } from "../regular-file.ts";
import { indexTar } from "../tar/index-tar.ts";
import { passingChunks } from "../tar/passing-chunks.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { interruptible } from "../tree/turns.ts";

const CHUNK = 1024 * 1024;

/**
 * `file`, of `size` bytes, lies in a temporary directory of the store, and is not there afterwards. `digest`: its, where whoever wrote it
 * knows it.
 */
export async function keepArchive(
  file: string,
  size: number,
  { store, signal }: Pick<BuildContext, "store" | "signal">,
  digest?: Digest,
): Promise<FileTree> {
  const archive = digest ?? (await digestOfChunks(interruptible(streamRegular(file, CHUNK), signal)));
  const kept = await store.takeBlob(archive, file);
  return indexTar(passingChunks(kept, size), { file: encodeText(kept), archive });
}
