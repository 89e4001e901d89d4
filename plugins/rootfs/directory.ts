/** A flattened tree as a real directory: modes always, owners where root writes it; special files and attributes never. */
import { chmodSync, lchownSync, lstatSync, readdirSync, utimesSync } from "node:fs";
import { chmod } from "node:fs/promises";
import {
  ImageDslError,
  hostPath,
  isRoot,
  makeDirectory,
  inTurns,
  type Pausing,
  layOutTree,
  messageOf,
  replaceFile,
  systemCodeOf,
  toFsPath,
  type BuildContext,
  type Entry,
  type FileTree,
} from "../../core/index.ts";

/** Throws `E_OUTPUT` where `path` exists and is not an empty directory, or cannot be made; `E_NO_SPACE`. */
export async function writeDirectory(path: string, tree: FileTree, { emit, signal }: BuildContext): Promise<void> {
  try {
    checkFree(path);
    await replaceFile(path, (temporary) => layOut(tree, temporary, signal), signal);
  } catch (cause) {
    if (cause instanceof ImageDslError || systemCodeOf(cause) === undefined) throw cause;
    throw new ImageDslError("E_OUTPUT", `Cannot write ${path}: ${messageOf(cause)}`, {
      hint: "Name a folder in one that you may write to",
      cause,
    });
  }
  const missing = missingFrom(tree);
  if (missing.length === 0) return;
  emit({
    type: "warning",
    code: "W_ROOTFS_INCOMPLETE",
    message: `${path} lacks ${missing.join(", ")}, which the image has`,
    hint: "Write rootfs:PATH.tar, which holds everything",
  });
}

async function layOut(tree: FileTree, directory: string, signal: AbortSignal): Promise<void> {
  makeDirectory(directory, 0o755);
  await inTurns(layOutTree(tree, hostPath(directory), { purpose: "output", faked: false }), signal);
  await inTurns(setAllMeta(tree, directory), signal);
  // Whatever the umask is.
  await chmod(directory, 0o755);
}

/** Children first: a directory without write permission can still be filled until its turn comes. */
function* setAllMeta(tree: FileTree, directory: string): Pausing<void> {
  for (const entry of tree.entries().toReversed()) {
    setMeta(hostPath(directory), entry);
    yield;
  }
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

/** Throws `E_OUTPUT` where something is there that is not an empty folder. */
export function checkFree(path: string): void {
  if (!isThere(path) || namesIn(path).length === 0) return;
  throw new ImageDslError("E_OUTPUT", `The directory ${path} is not empty`, { hint: "Remove it, or name another" });
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    const isFolder = systemCodeOf(cause) !== "ENOTDIR" && systemCodeOf(cause) !== "ENOENT";
    const what = isFolder ? `Cannot write ${path}: ${messageOf(cause)}` : `${path} is there and is no directory`;
    throw new ImageDslError("E_OUTPUT", what, { hint: "Remove it, or name another", cause });
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What hinders to look will hinder to write, and is told then.
    return false;
  }
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
