/**
 * `FileTree`: an immutable virtual tree. Untrusted archives are read into one of these and never
 * onto the disk, so nothing can escape: there is nothing to escape into.
 */
import { ImageDslError } from "../error.ts";
import { placedEntry, type DirectoryEntry, type Entry, type Origin } from "../model/entry.ts";
import { ROOT, checkedLength, comparePaths, displayPath, isUnder, parentOf, type TreePath } from "../model/path.ts";
import { withParents } from "./parents.ts";

/** Linux's PATH_MAX, less a NUL. */
const MAX_TARGET = 4095;

/** A directory tree as plain, immutable data: entries sorted by path components, parents always there. */
export class FileTree {
  /** Nothing but the root directory, which is no entry. */
  static readonly empty = new FileTree([]);

  readonly #entries: readonly Entry[];
  #index: Map<TreePath, Entry> | undefined;
  /** How many entries may still be searched for before an index of all pays. */
  #searches: number;
  /** The last one with an origin: a package has one in whichever image. */
  #withOrigin: { readonly origin: Origin; readonly tree: FileTree } | undefined;

  private constructor(sorted: readonly Entry[]) {
    this.#entries = sorted;
    this.#searches = sorted.length / 8;
  }

  /**
   * Sorts by path components and adds the parent directories that nobody listed (0755, 0:0).
   * Throws `E_TREE_INVALID` for a path given twice, a non-directory with children, a hard link whose target is no
   * file of this tree, and bytes in memory that are not as many as `size` says; for what Linux does not take, that and
   * `E_PATH_INVALID`.
   */
  static of(entries: Iterable<Entry>): FileTree {
    const tree = new FileTree(inOrder(Array.isArray(entries) ? entries : Array.from(entries)));
    for (const entry of tree.#entries) {
      refuseLong(entry);
      if (entry.type === "hardlink" && tree.get(entry.target)?.type !== "file") {
        throw invalid(entry, `is a hard link to ${displayPath(entry.target)}, which is no file of this tree`);
      }
      if (entry.type === "file" && entry.content.kind === "inline" && entry.content.bytes.length !== entry.size) {
        throw invalid(entry, `has the size ${entry.size}, but ${entry.content.bytes.length} bytes`);
      }
    }
    return tree;
  }

  /** This tree with entries added, or put in place of what has their path; the last of one path counts. Throws as `of` does. */
  with(entries: readonly Entry[]): FileTree {
    const added = new Map(entries.map((entry) => [entry.path, entry]));
    added.delete(ROOT);
    const parts: (readonly Entry[])[] = [];
    let from = 0;
    let isPlain = true;
    for (const entry of [...added.values()].sort((a, b) => comparePaths(a.path, b.path))) {
      const at = this.#lowerBound(entry.path);
      const replaced = this.#at(entry.path);
      refuseLong(entry);
      isPlain &&= canCome(entry, replaced, added.get(parentOf(entry.path)) ?? this.#at(parentOf(entry.path)));
      parts.push(this.#entries.slice(from, at), [entry]);
      from = replaced === undefined ? at : at + 1;
    }
    parts.push(this.#entries.slice(from));
    if (isPlain) return new FileTree(parts.flat());
    return FileTree.of([...this.#entries.filter(({ path }) => !added.has(path)), ...added.values()]);
  }

  /** This tree with `origin` in each entry; itself where that is so already. */
  withOrigin(origin: Origin): FileTree {
    if (this.#entries.every((entry) => entry.origin === origin)) return this;
    if (this.#withOrigin?.origin !== origin) {
      const entries = this.#entries.map((entry) =>
        entry.origin === origin ? entry : placedEntry(entry, { path: entry.path, origin }),
      );
      this.#withOrigin = { origin, tree: new FileTree(entries) };
    }
    return this.#withOrigin.tree;
  }

  /** Entries, the root directory not counted. */
  get size(): number {
    return this.#entries.length;
  }

  /** The entry of exactly this path, no link followed; `resolvePath` follows them. */
  get(path: TreePath): Entry | undefined {
    if (this.#index === undefined && this.#searches-- > 0) return this.#at(path);
    this.#index ??= indexOf(this.#entries);
    return this.#index.get(path);
  }

  /** Whether there is an entry of exactly this path, no link followed. */
  has(path: TreePath): boolean {
    return path === ROOT || this.get(path) !== undefined;
  }

  /** All entries, parents before children, siblings in byte order. */
  entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What lies below `directory`, itself not included, in order. */
  under(directory: TreePath): readonly Entry[] {
    if (directory === ROOT) return this.#entries;
    const start = this.#lowerBound(directory);
    const first = this.#entries[start]?.path === directory ? start + 1 : start;
    let end = first;
    while (end < this.#entries.length && isUnder(this.#entries[end]!.path, directory)) end++;
    return this.#entries.slice(first, end);
  }

  /** Bytes of the regular files, hard links counted once. */
  contentSize(): number {
    let total = 0;
    for (const entry of this.#entries) if (entry.type === "file") total += entry.size;
    return total;
  }

  /** As `get`, for a few paths: without an index of all. */
  #at(path: TreePath): Entry | undefined {
    const entry = this.#entries[this.#lowerBound(path)];
    return entry?.path === path ? entry : undefined;
  }

  #lowerBound(path: TreePath): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePaths(this.#entries[middle]!.path, path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function indexOf(entries: readonly Entry[]): Map<TreePath, Entry> {
  const index = new Map<TreePath, Entry>();
  for (const entry of entries) index.set(entry.path, entry);
  return index;
}

/** A directory as we make it ourselves. `mtime` is epoch + 1, as everywhere. */
export function directoryEntry(path: TreePath, meta: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return { mode: 0o755, uid: 0, gid: 0, mtime: 1, ...meta, type: "directory", path };
}

/** Whether an entry may be put into a tree without a look at the rest of it. */
function canCome(entry: Entry, replaced: Entry | undefined, parent: Entry | undefined): boolean {
  // A link, or a file that is one no more, is the matter of others too.
  if (entry.type === "hardlink" || (replaced !== undefined && replaced.type !== entry.type)) return false;
  if (entry.type === "file" && entry.content.kind === "inline" && entry.content.bytes.length !== entry.size)
    return false;
  return parent?.type === "directory" || parentOf(entry.path) === ROOT;
}

/** What no system call takes. */
function refuseLong(entry: Entry): void {
  checkedLength(entry.path);
  if (entry.type === "symlink" && entry.target.length > MAX_TARGET) {
    throw invalid(entry, `is a symbolic link to ${entry.target.length} bytes, where Linux takes ${MAX_TARGET}`);
  }
}

/** Sorted and complete, without the root. Mostly they are in order, which is seen in one pass. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const isSorted = areInOrder(entries);
  const sorted = isSorted ? entries : sortedEntries(entries);
  const whole = withParents(sorted, (path, { origin }) =>
    directoryEntry(path, { implicit: true, ...(origin !== undefined && { origin }) }),
  );
  if (!isSorted || whole.length > sorted.length) refuseTwice(whole);
  return whole;
}

function sortedEntries(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ path }) => path !== ROOT).sort((a, b) => comparePaths(a.path, b.path));
}

/** Sorted, no path given twice, and the root not among them. */
function areInOrder(entries: readonly Entry[]): boolean {
  let last: TreePath = ROOT;
  for (const { path } of entries) {
    if (comparePaths(last, path) >= 0) return false;
    last = path;
  }
  return true;
}

/** Two entries of one path stand side by side; so does a file and the directory that was made of what lies below it. */
function refuseTwice(sorted: readonly Entry[]): void {
  for (let index = 1; index < sorted.length; index++) {
    const [before, entry, next] = [sorted[index - 1]!, sorted[index]!, sorted[index + 1]];
    if (before.path !== entry.path) continue;
    if (entry.type !== "directory" || !entry.implicit || next === undefined) throw invalid(entry, "is listed twice");
    throw invalid(before, `is a ${before.type} and cannot hold ${displayPath(next.path)}`);
  }
}

function invalid(entry: Entry, what: string): ImageDslError {
  return new ImageDslError("E_TREE_INVALID", `${displayPath(entry.path)} ${what}`);
}
