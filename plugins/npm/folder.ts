/** A folder of the project that is installed as a package, such as a workspace's member. */
import { join } from "node:path";
import type { FileTree, StageContext } from "../../core/index.ts";
import { tellRead } from "./install-plan.ts";
import { memberTree } from "./layout/member-tree.ts";
import { readManifest } from "./locks/manifest.ts";

/** What npm would publish of it. `directory` is absolute. */
export async function folderTree(directory: string, context: Pick<StageContext, "reads">): Promise<FileTree> {
  const manifest = join(directory, "package.json");
  tellRead([manifest], context);
  return memberTree(directory, await readManifest(manifest));
}
