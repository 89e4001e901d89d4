/** A tar of what a script changed, as a tree whose contents lie in the store. */
import { createReadStream } from "node:fs";
import { encodeText } from "../model/bytes.ts";
import { digestOfChunks } from "../model/digest.ts";
import type { BuildContext } from "../pipeline/context.ts";
import { indexTar } from "../tar/index-tar.ts";
import type { FileTree } from "../tree/file-tree.ts";

const CHUNK = 1024 * 1024;

/** The first `size` bytes of `file`, at least one. */
export async function keepArchive(
  file: string,
  size: number,
  { store }: Pick<BuildContext, "store">,
): Promise<FileTree> {
  const chunks = () => createReadStream(file, { end: size - 1, highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  const archive = await digestOfChunks(chunks());
  const kept = await store.putBlob(archive, chunks(), "What a script wrote");
  return indexTar(chunks(), { file: encodeText(kept), archive });
}
