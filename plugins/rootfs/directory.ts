/** A flattened tree as a real directory: modes always, owners where root writes it; special files and attributes never. */
import { chmodSync, lchownSync, utimesSync } from "node:fs";
import { chmod, mkdir, readdir } from "node:fs/promises";
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
    materializeTree(tree, hostPath(temporary), { purpose: "output", faked: false });
    // Children first: a directory without write permission can still be filled until its turn comes.
    for (const entry of tree.entries().toReversed()) setMeta(hostPath(temporary), entry);
    // Whatever the umask is.
    await chmod(temporary, 0o755);
  });
  const missing = missingFrom(tree);
  if (missing.length === 0) return;
  emit({
    type: "warning",
    code: "W_ROOTFS_INCOMPLETE",
    message: `${path} lacks ${missing.join(", ")}, which the image has`,
    hint: "Write rootfs:PATH.tar, which holds everything",
  });
}

/** What a directory cannot have: nothing here makes devices or attributes, and only root gives files away. */
function missingFrom(tree: FileTree): string[] {
  const entries = tree.entries();
  const special = entries.filter(isSpecial).length;
  const foreign = isRoot() ? 0 : entries.filter(({ uid, gid }) => uid !== 0 || gid !== 0).length;
  const attributes = entries.filter(({ xattrs }) => Object.keys(xattrs ?? {}).length > 0).length;
  return [
    ...(special > 0 ? [`${special} special files`] : []),
    ...(foreign > 0 ? [`owners other than root of ${foreign} files`] : []),
    ...(attributes > 0 ? [`extended attributes of ${attributes} files`] : []),
  ];
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
