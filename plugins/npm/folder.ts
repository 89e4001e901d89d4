/** A folder of the project that is installed as a package, such as a workspace's member. */
import { join } from "node:path";
import type { FileTree, StageContext } from "../../core/index.ts";
import { tellRead } from "./install-plan.ts";
import { memberTree } from "./layout/member-tree.ts";
import { readManifest } from "./locks/manifest.ts";

/** What npm would publish of it, told as read. `directory` is absolute. */
export async function folderTree(directory: string, context: Pick<StageContext, "reads">): Promise<FileTree> {
  const manifest = join(directory, "package.json");
  tellRead([manifest], context);
  const tree = await memberTree(directory, await readManifest(manifest));
  for (const entry of tree.entries()) {
    if (entry.type === "file" && entry.content.kind === "host")
      context.reads.file(entry.content.file, entry.content.stat);
  }
  return tree;
}
