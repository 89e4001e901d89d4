/**
 * A package's tarball as the tree that npm makes of it (pacote's fetcher.js says how), pnpm (store/cafs) or Yarn (tgzUtils.ts): contents stay slices of the
 * archive in the store.
 */
import {
  FileTree,
  ImageDslError,
  beyond,
  decodeEntries,
  displayShort,
  encodeEntries,
  findArchiveIndex,
  indexTar,
  interruptible,
  isWithin,
  keepArchiveIndex,
  placedIn,
  streamRegular,
  withDetails,
  treePath,
  baseNameOf,
  parentOf,
  joinPath,
  encodeText,
  type BuildContext,
  type Entry,
  type TarPlace,
  type TreePath,
} from "../../../core/index.ts";
import type { StoredTarball } from "../registry/tarball.ts";

/** Part of the record's kind in the store: other rules are another kind, and old records are not read. */
const INDEX_KINDS = {
  npm: "npm-index-1",
  pnpm: "pnpm-index-1",
  yarn: "yarn-index-1",
  "yarn-classic": "yarn-classic-index-1",
};
const PIECE = 1024 * 1024;
const [FILE_MODE, DIRECTORY_MODE, EXECUTABLE, EXECUTE_BITS] = [0o644, 0o755, 0o755, 0o111];

export type UnpackRules = keyof typeof INDEX_KINDS;

/** Paths start at the package's folder. Throws `E_NPM_PACKAGE` for what no package holds, `E_TAR_INVALID`, `E_TAR_LIMIT`. */
export async function packageTree(
  { file, archive, key }: StoredTarball,
  name: string,
  rules: UnpackRules,
  context: Pick<BuildContext, "store" | "shared" | "signal">,
): Promise<FileTree> {
  const place = { file, archive };
  const kind = INDEX_KINDS[rules];
  const record = (await context.store.readRecord(kind, key)) ?? null;
  const known = await placedIn(name, () => Promise.resolve(decodeEntries(record, place)));
  if (known !== undefined) return FileTree.of(known);
  const tree = unpacked(await indexed(file, place, name, context.signal), name, rules);
  await keepArchiveIndex(context, { kind, key, file }, encodeEntries(tree.entries()));
  return tree;
}

/** As another machine found it; `bring` puts the archive where it is said to be. Undefined where it is not known. */
export async function deferredTree(
  { file, archive, key }: StoredTarball,
  rules: UnpackRules,
  bring: () => Promise<unknown>,
  context: Pick<BuildContext, "store" | "shared" | "deferral">,
): Promise<FileTree | undefined> {
  const index = await findArchiveIndex(context, { kind: INDEX_KINDS[rules], key, file }, bring);
  const entries = index === undefined ? undefined : decodeEntries(index, { file, archive });
  return entries && FileTree.of(entries);
}

const REPORT = "No package manager packs that: report it to who publishes it";

async function indexed(file: string, place: TarPlace, name: string, signal: AbortSignal): Promise<FileTree> {
  try {
    return await placedIn(name, () => indexTar(interruptible(streamRegular(file, PIECE), signal), place));
  } catch (cause) {
    if (!(cause instanceof ImageDslError) || !/^E_(?:TAR|PATH)_/.test(cause.code)) throw cause;
    throw withDetails(cause, { hint: REPORT });
  }
}

function unpacked(archive: FileTree, name: string, rules: UnpackRules): FileTree {
  const entries = new Map<TreePath, Entry>();
  for (const entry of archive.entries()) {
    if (entry.type !== "file" && entry.type !== "directory") {
      throw new ImageDslError("E_NPM_PACKAGE", `${name} holds a ${entry.type}, "${displayShort(entry.path)}"`, {
        hint: REPORT,
      });
    }
    const slash = entry.path.indexOf("/");
    // Whatever the folder is called in which all of it lies.
    if (slash < 0) continue;
    const inside = entry.path.slice(slash + 1) as TreePath;
    const path = rules === "npm" ? withoutGitIgnore(inside, archive, entry.path) : inside;
    if (path === undefined || isLeftOut(path, entry, rules)) continue;
    const other = entries.get(path);
    if (other !== undefined && (entry.type === "file" || other.type === "file")) {
      throw new ImageDslError("E_NPM_PACKAGE", `${name} holds "${displayShort(path)}" twice, below two folders`, {
        hint: REPORT,
      });
    }
    entries.set(path, { ...entry, path, mode: MODES[rules](entry), uid: 0, gid: 0, mtime: 0 });
  }
  const manifest = entries.get(treePath("package.json"));
  if (manifest === undefined) {
    throw new ImageDslError("E_NPM_PACKAGE", `${name} has no package.json in its tarball`, {
      hint: "What is at its address is no package",
    });
  }
  if (manifest.type === "file" && !isWithin("npm.manifest", manifest.size)) {
    throw new ImageDslError("E_NPM_PACKAGE", `${name} has a package.json of ${beyond("npm.manifest")}`, {
      hint: REPORT,
    });
  }
  return FileTree.of(entries.values());
}

const MODES: Readonly<Record<UnpackRules, (entry: Entry) => number>> = {
  npm: modeOfNpm,
  pnpm: ({ mode }) => ((mode & EXECUTE_BITS) === 0 ? FILE_MODE : EXECUTABLE),
  "yarn-classic": modeOfNpm,
  yarn: ({ type, mode }) => (type === "directory" || (mode & EXECUTE_BITS) !== 0 ? EXECUTABLE : FILE_MODE),
};

function modeOfNpm({ type, mode }: Entry): number {
  return type === "directory" ? DIRECTORY_MODE : (mode & EXECUTABLE) | FILE_MODE;
}

/** pnpm makes the folders that files need; what a package brings along Yarn installs itself; Yarn 1 copies no `.bin`. */
function isLeftOut(path: TreePath, { type }: Entry, rules: UnpackRules): boolean {
  if (rules === "pnpm") return type === "directory";
  if (rules === "yarn-classic") return path.split("/").includes(".bin");
  return rules === "yarn" && path.startsWith("node_modules/");
}

/** A `.gitignore` becomes an `.npmignore`, and gives way to one. */
function withoutGitIgnore(path: TreePath, archive: FileTree, whole: TreePath): TreePath | undefined {
  if (baseNameOf(path) !== ".gitignore") return path;
  const name = encodeText(".npmignore");
  return archive.has(joinPath(parentOf(whole), name)) ? undefined : joinPath(parentOf(path), name);
}
