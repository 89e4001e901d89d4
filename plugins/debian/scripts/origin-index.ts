/** What a tree tells only after a pass over it: names per directory, hard links per file, whose a directory is. */
import { type Entry, type FileTree, ROOT, type TreePath, baseNameOf, parentOf } from "../../../core/index.ts";

export interface OriginIndex {
  names(directory: TreePath): readonly string[];
  /** The hard links to a file. */
  links(file: TreePath): readonly TreePath[];
  /** Whether nobody else brings this entry: for a directory, anything inside it either. */
  isOnlyOf(entry: Entry, origin: string): boolean;
  /** In which turn an entry is first there: for a directory, the first thing inside it. */
  firstTurn(path: TreePath): number;
}

/** `turnOf`: in which turn the package of an origin is unpacked; 0 for what is there from the start. */
export function originIndex(tree: FileTree, turnOf: (origin: string | undefined) => number): OriginIndex {
  const names = new Map<TreePath, string[]>();
  const links = new Map<TreePath, TreePath[]>();
  const owner = new Map<TreePath, string | null>();
  const turns = new Map<TreePath, number>();
  for (const entry of tree.entries()) {
    append(names, parentOf(entry.path), baseNameOf(entry.path));
    if (entry.type === "hardlink") append(links, entry.target, entry.path);
    const turn = turnOf(entry.origin);
    for (let path = entry.path; path !== ROOT && (turns.get(path) ?? Infinity) > turn; path = parentOf(path)) {
      turns.set(path, turn);
    }
    const origin = entry.origin ?? null;
    for (let path = entry.path; path !== ROOT; path = parentOf(path)) {
      const known = owner.get(path);
      if (known === null) break;
      owner.set(path, known === undefined || known === origin ? origin : null);
    }
  }
  return {
    names: (directory) => names.get(directory) ?? [],
    links: (file) => links.get(file) ?? [],
    isOnlyOf: (entry, origin) => entry.origin === origin && owner.get(entry.path) === origin,
    firstTurn: (path) => turns.get(path) ?? 0,
  };
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
