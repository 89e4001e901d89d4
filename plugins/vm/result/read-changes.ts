/** The tar that a guest sent, as a tree whose contents lie in the store. */
import { ImageDslError, keepArchive, type BuildContext, type FileTree } from "../../../core/index.ts";
import type { Received } from "./receive.ts";

export async function readChanges(
  file: string,
  { record, size, digest }: Received,
  context: Pick<BuildContext, "store" | "signal">,
): Promise<FileTree> {
  if (record.archive !== 0) {
    throw new ImageDslError(
      "E_VM",
      `The virtual machine could not send all that the script changed (tar ended with status ${record.archive})`,
    );
  }
  return keepArchive(file, size, context, digest);
}
