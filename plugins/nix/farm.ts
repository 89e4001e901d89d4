/**
 * What store paths show in the image's root: real directories, and in them links to the files, or copies of them. A
 * directory that several of them have is one, whether it is a directory or a link to one.
 */
import {
  ImageDslError,
  ROOT,
  baseNameOf,
  directoryEntry,
  displayPath,
  encodeText,
  isUnder,
  joinPath,
  parentOf,
  resolvePath,
  sameEntry,
  treePath,
  type BuildEvent,
  type Collisions,
  type Entry,
  type FileTree,
  type SymlinkEntry,
  type TreePath,
} from "../../core/index.ts";

export interface FarmOptions {
  readonly placement: "link" | "copy";
  readonly collisions: Collisions;
  readonly emit: (event: BuildEvent) => void;
}

/** Links of links may lead in circles. */
const MAX_DEPTH = 100;

/** Collisions named in one error; more are counted. */
const NAMED = 10;

/** One thing that is to stand at a path of the root. */
interface Claim {
  readonly root: TreePath;
  readonly entry: Entry;
}

/**
 * The entries of the root. `trees` has every store path of the closure, as it lies in the image, by its path. A root
 * that is no directory shows nothing. Throws `E_TREE_COLLISION` as the policy says, and where a directory meets a file.
 */
export function rootEntries(
  roots: readonly string[],
  trees: ReadonlyMap<string, FileTree>,
  options: FarmOptions,
): Entry[] {
  const store = storeOf(trees);
  const result: Entry[] = [];
  const collisions: string[] = [];
  const tops = roots
    .map((root) => resolvePath(store, encodeText(root)))
    .filter((path) => store.get(path)?.type === "directory");
  fill(
    ROOT,
    [...new Set(tops)].map((path) => ({ root: path, path })),
    0,
  );
  if (collisions.length > 0) throw collisionError(collisions);
  return result;

  function fill(dest: TreePath, directories: readonly { root: TreePath; path: TreePath }[], depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new ImageDslError("E_TREE_LINK_LOOP", `Too many symbolic links while resolving ${displayPath(dest)}`);
    }
    const claims = new Map<string, Claim[]>();
    for (const { root, path } of directories) {
      for (const entry of store.childrenOf(path)) {
        const name = baseNameOf(entry.path);
        claims.set(name, [...(claims.get(name) ?? []), { root, entry }]);
      }
    }
    for (const [name, all] of claims) place(joinPath(dest, name), all, depth);
  }

  function place(dest: TreePath, claims: readonly Claim[], depth: number): void {
    const [first, ...others] = claims as readonly [Claim, ...Claim[]];
    if (first.entry.type !== "directory" && others.every((other) => isSame(first, other))) {
      result.push(shown(dest, first));
      return;
    }
    const directories = claims.map(directoryOf);
    if (directories.every((path) => path !== undefined)) {
      result.push(directoryEntry(dest, { implicit: true }));
      const each = new Map(directories.map((path, index) => [path, { root: claims[index]!.root, path }]));
      fill(dest, [...each.values()], depth + 1);
      return;
    }
    const kept = settle(dest, claims);
    if (kept !== undefined) result.push(shown(dest, kept));
  }

  /** Which of several files stays; undefined where that is refused. */
  function settle(dest: TreePath, claims: readonly Claim[]): Claim | undefined {
    const files = claims.filter((claim) => directoryOf(claim) === undefined);
    if (options.collisions === "error" || files.length < claims.length) {
      collisions.push(`${displayPath(dest)}: ${claims.map(({ entry }) => displayPath(entry.path)).join(" and ")}`);
      return undefined;
    }
    const kept = options.collisions === "first" ? files[0]! : files.at(-1)!;
    for (const { entry } of files.filter((each) => each !== kept && !isSame(each, kept))) {
      options.emit({
        type: "warning",
        code: "W_COLLISION",
        message: `${displayPath(entry.path)} gave way to ${displayPath(kept.entry.path)}`,
      });
    }
    return kept;
  }

  /** The directory that a claim is or links to. */
  function directoryOf({ entry }: Claim): TreePath | undefined {
    if (entry.type === "directory") return entry.path;
    if (entry.type !== "symlink") return undefined;
    const path = resolvePath(store, entry.path);
    return store.get(path)?.type === "directory" ? path : undefined;
  }

  function isSame(one: Claim, other: Claim): boolean {
    if (one.entry.path === other.entry.path) return true;
    return sameEntry(one.entry, other.entry);
  }

  function shown(dest: TreePath, { root, entry }: Claim): Entry {
    if (entry.type === "symlink") return { ...entry, path: dest, target: targetAt(dest, root, entry) };
    if (options.placement === "copy") return { ...entry, path: dest };
    return { path: dest, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target: `/${entry.path}` };
  }

  /** A link is made again as it is, unless it is relative and would lead elsewhere from here. */
  function targetAt(dest: TreePath, root: TreePath, { path, target }: SymlinkEntry): string {
    if (target.startsWith("/")) return target;
    const next = resolvePath(new Map(), `${parentOf(path)}/${target}`);
    const isAtHome = path === joinPath(root, dest) && isUnder(next, root) && next !== root;
    return isAtHome ? target : `/${next}`;
  }
}

function collisionError(collisions: readonly string[]): ImageDslError {
  const shown = collisions.slice(0, NAMED).map((line) => `\n  ${line}`);
  const more = collisions.length > NAMED ? `\n  … and ${collisions.length - NAMED} more` : "";
  return new ImageDslError(
    "E_TREE_COLLISION",
    `Two store paths bring different things to one path:${shown.join("")}${more}`,
    { hint: 'Leave one of them out, or set collisions: "first" or "last"' },
  );
}

interface StoreView {
  get(path: TreePath): Entry | undefined;
  childrenOf(directory: TreePath): readonly Entry[];
}

/** All trees as one; what a directory holds is known once it was asked for. */
function storeOf(trees: ReadonlyMap<string, FileTree>): StoreView {
  const byPath = new Map([...trees].map(([path, tree]) => [treePath(path), tree]));
  const children = new Map<TreePath, Map<TreePath, Entry[]>>();
  const homeOf = (path: TreePath): TreePath => {
    for (let at = path; at !== ROOT; at = parentOf(at)) if (byPath.has(at)) return at;
    return ROOT;
  };
  return {
    get: (path) => byPath.get(homeOf(path))?.get(path),
    childrenOf(directory) {
      const home = homeOf(directory);
      const known = children.get(home) ?? childrenIn(byPath.get(home), home);
      children.set(home, known);
      return known.get(directory) ?? [];
    },
  };
}

function childrenIn(tree: FileTree | undefined, home: TreePath): Map<TreePath, Entry[]> {
  const children = new Map<TreePath, Entry[]>();
  for (const entry of tree?.under(home) ?? []) {
    const parent = parentOf(entry.path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  }
  return children;
}
