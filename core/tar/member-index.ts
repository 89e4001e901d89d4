/** The members of a tar by their places, while it is read. */
import { holdFile } from "../limits/held-memory.ts";
import { Account } from "../limits/limits.ts";
import { textsOf, type Entry } from "../model/entry.ts";
import { ROOT, parentOf, type TreePath } from "../model/path.ts";
import { directoryEntry } from "../tree/file-tree.ts";

/** All names of a file stand here as files that share one content handle, so that any of them can be replaced. */
export class MemberIndex {
  readonly #entries = new Map<TreePath, Entry>();
  readonly #parents = new Set<TreePath>();
  /** What lies in each directory; made when it is first needed, as hardly any tar needs it. */
  #children: Map<TreePath, Set<TreePath>> | undefined;
  readonly #account = new Account("The archive");

  get(path: TreePath): Entry | undefined {
    return this.#entries.get(path);
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  set(entry: Entry): void {
    this.#entries.set(entry.path, entry);
    const texts = textsOf(entry);
    this.#account.spend("tar.paths", texts);
    holdFile(texts);
    if (this.#children !== undefined) addChild(this.#children, entry.path);
  }

  hasBelow(path: TreePath): boolean {
    return this.#parents.has(path);
  }

  /** Adds the directories above `child` that are not there. Gives what stands there and is none: then nothing can lie at `child`. */
  addParents(child: TreePath): Entry | undefined {
    for (let path = parentOf(child); path !== ROOT; path = parentOf(path)) {
      const parent = this.#entries.get(path);
      if (parent !== undefined && parent.type !== "directory") return parent;
      this.#parents.add(path);
      if (parent !== undefined) return undefined;
      this.set(directoryEntry(path, { implicit: true }));
    }
    return undefined;
  }

  /** What stands above and is no directory. */
  fileAbove(path: TreePath): Entry | undefined {
    for (let above = parentOf(path); above !== ROOT; above = parentOf(above)) {
      const entry = this.#entries.get(above);
      if (entry !== undefined) return entry.type === "directory" ? undefined : entry;
    }
    return undefined;
  }

  removeBelow(directory: TreePath): void {
    this.#children ??= childrenOf(this.#entries.keys());
    const pending = [directory];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const children = this.#children.get(at) ?? [];
      this.#children.delete(at);
      this.#parents.delete(at);
      for (const child of children) {
        this.#entries.delete(child);
        pending.push(child);
      }
    }
  }
}

function childrenOf(paths: Iterable<TreePath>): Map<TreePath, Set<TreePath>> {
  const children = new Map<TreePath, Set<TreePath>>();
  for (const path of paths) addChild(children, path);
  return children;
}

function addChild(children: Map<TreePath, Set<TreePath>>, path: TreePath): void {
  const parent = parentOf(path);
  const there = children.get(parent);
  if (there === undefined) children.set(parent, new Set([path]));
  else there.add(path);
}
