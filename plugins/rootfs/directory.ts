/** A flattened tree as a real directory: modes always, owners and special files as far as the user's rights go. */
import { chmodSync, lchownSync, utimesSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import {
  ImageDslError,
  hostPath,
  isRoot,
  materializeTree,
  replaceFile,
  systemCodeOf,
  toFsPath,
  type BuildContext,
  type Entry,
  type FileTree,
} from "../../core/index.ts";

/** Throws `E_OUTPUT` where `path` exists and is not an empty directory. */
export async function writeDirectory(path: string, tree: FileTree, { emit }: BuildContext): Promise<void> {
  await checkFree(path);
  await replaceFile(path, async (temporary) => {
    await mkdir(temporary, { recursive: true, mode: 0o755 });
    materializeTree(tree, hostPath(temporary), { faked: false });
    // Children first: a directory without write permission can still be filled until its turn comes.
    for (const entry of tree.entries().toReversed()) setMeta(hostPath(temporary), entry);
  });
  const special = tree.entries().filter(isSpecial).length;
  const foreign = isRoot() ? 0 : tree.entries().filter(({ uid, gid }) => uid !== 0 || gid !== 0).length;
  if (special + foreign > 0) {
    emit({
      type: "warning",
      code: "W_ROOTFS_INCOMPLETE",
      message: `${path} lacks what this user may not make: ${special} special files, ${foreign} owners other than root`,
      hint: "Write rootfs:PATH.tar, which holds everything",
    });
  }
}

async function checkFree(path: string): Promise<void> {
  try {
    if ((await readdir(path)).length === 0) return;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return;
    throw new ImageDslError("E_OUTPUT", `${path} is there and is no directory`, { cause: error });
  }
  throw new ImageDslError("E_OUTPUT", `The directory ${path} is not empty`, { hint: "Remove it, or name another" });
}

function setMeta(root: string, entry: Entry): void {
  if (isSpecial(entry) || entry.type === "hardlink") return;
  const path = toFsPath(`${root}/${entry.path}`);
  if (isRoot()) lchownSync(path, entry.uid, entry.gid);
  if (entry.type === "symlink") return;
  // After chown, which drops set-id bits.
  chmodSync(path, entry.mode);
  utimesSync(path, entry.mtime, entry.mtime);
}

function isSpecial(entry: Entry): boolean {
  return entry.type === "character" || entry.type === "block" || entry.type === "fifo";
}
