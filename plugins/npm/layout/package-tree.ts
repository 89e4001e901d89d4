/** A package's tarball as the tree that npm makes of it (pacote's fetcher.js says how): contents stay slices of the archive in the store. */
import {
  FileTree,
  ImageDslError,
  decodeEntries,
  displayShort,
  encodeEntries,
  indexTar,
  placedIn,
  streamRegular,
  treePath,
  baseNameOf,
  parentOf,
  joinPath,
  encodeText,
  type BuildContext,
  type Entry,
  type TreePath,
} from "../../../core/index.ts";
import type { StoredTarball } from "../registry/tarball.ts";

/** Part of the record's kind in the store: other rules are another kind, and old records are not read. */
const INDEX_KIND = "npm-index-1";
const PIECE = 1024 * 1024;
const [FILE_MODE, DIRECTORY_MODE] = [0o644, 0o755];

/** Paths start at the package's folder. Throws `E_NPM_PACKAGE` for what no package holds, `E_TAR_INVALID`, `E_TAR_LIMIT`. */
export async function packageTree(
  { file, archive, key }: StoredTarball,
  name: string,
  { store }: Pick<BuildContext, "store">,
): Promise<FileTree> {
  const place = { file, archive };
  const known = decodeEntries((await store.readRecord(INDEX_KIND, key)) ?? null, place);
  if (known !== undefined) return FileTree.of(known);
  const tree = await placedIn(name, async () => asNpmUnpacks(await indexTar(streamRegular(file, PIECE), place), name));
  await store.writeRecord(INDEX_KIND, key, encodeEntries(tree.entries()));
  return tree;
}

function asNpmUnpacks(archive: FileTree, name: string): FileTree {
  const entries = new Map<TreePath, Entry>();
  for (const entry of archive.entries()) {
    if (entry.type !== "file" && entry.type !== "directory") {
      throw new ImageDslError("E_NPM_PACKAGE", `${name} holds a ${entry.type}, "${displayShort(entry.path)}"`, {
        hint: "Packages hold files and folders only: report it to who publishes it",
      });
    }
    const slash = entry.path.indexOf("/");
    // Whatever the folder is called in which all of it lies.
    if (slash < 0) continue;
    const path = withoutGitIgnore(entry.path.slice(slash + 1) as TreePath, archive, entry.path);
    if (path === undefined) continue;
    const mode = entry.type === "directory" ? DIRECTORY_MODE : (entry.mode & 0o755) | FILE_MODE;
    entries.set(path, { ...entry, path, mode, uid: 0, gid: 0, mtime: 0 });
  }
  if (!entries.has(treePath("package.json"))) {
    throw new ImageDslError("E_NPM_PACKAGE", `${name} has no package.json in its tarball`, {
      hint: "What is at its address is no package",
    });
  }
  return FileTree.of(entries.values());
}

/** A `.gitignore` becomes an `.npmignore`, and gives way to one. */
function withoutGitIgnore(path: TreePath, archive: FileTree, whole: TreePath): TreePath | undefined {
  if (baseNameOf(path) !== ".gitignore") return path;
  const name = encodeText(".npmignore");
  return archive.has(joinPath(parentOf(whole), name)) ? undefined : joinPath(parentOf(path), name);
}
