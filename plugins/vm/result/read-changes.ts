/** The tar that a guest sent, as a tree whose contents lie in the store. */
import { createReadStream } from "node:fs";
import {
  ImageDslError,
  digestOfChunks,
  encodeText,
  indexTar,
  type BuildContext,
  type FileTree,
} from "../../../core/index.ts";
import type { Received } from "./receive.ts";

const CHUNK = 1024 * 1024;

export async function readChanges(
  file: string,
  { record, size }: Received,
  { store }: Pick<BuildContext, "store">,
): Promise<FileTree> {
  if (record.archive !== 0) {
    throw new ImageDslError(
      "E_VM",
      `The virtual machine could not send all that the script changed (tar ended with status ${record.archive})`,
    );
  }
  const chunks = () => createReadStream(file, { end: size - 1, highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  const archive = await digestOfChunks(chunks());
  const kept = await store.putBlob(archive, chunks(), "What a script wrote");
  return indexTar(chunks(), { file: encodeText(kept), archive });
}
