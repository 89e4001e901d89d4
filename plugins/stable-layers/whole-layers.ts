/** Layers of an image from elsewhere that a merged tree has, too: of which of its nodes each is made, and of nothing else. */
import {
  isUnder,
  metaOf,
  sameEntry,
  type Entry,
  type FileTree,
  type Layer,
  type Pausing,
  type TreePath,
} from "../../core/index.ts";

/**
 * By layer, bottom first, the ids of the nodes; none of a layer that holds anything else, or not all of one of them, or it otherwise.
 * Undefined where no layer has a file at the place of any node's: it is an image of something else. Times do not count, since a build
 * gives all files one.
 */
export function* wholeLayers(
  layers: readonly Pick<Layer, "entries">[],
  tree: FileTree,
  nodes: ReadonlyMap<string, unknown>,
): Pausing<readonly (readonly string[])[] | undefined> {
  const nodeAt = (path: TreePath): string | undefined => {
    const origin = tree.get(path)?.origin;
    return origin !== undefined && nodes.has(origin) ? origin : undefined;
  };
  const owned = layers.map(({ entries }) => entries.filter(isOwn));
  if (!owned.some((entries) => entries.some(({ path }) => nodeAt(path) !== undefined))) return undefined;

  const places = layers.map(({ entries }) => new Map(entries.map((entry) => [entry.path, entry])));
  const own = owned.map((entries) => new Set(entries.map(({ path }) => path)));
  const homes = new Map<string, number>();
  for (const [id, entries] of yield* entriesByNode(tree, nodes)) {
    const holding: number[] = [];
    for (const [index, place] of places.entries()) if (yield* holds(place, entries, tree)) holding.push(index);
    // A directory is in many layers, for what lies in it; it is of one of them.
    const home = holding.find((index) => entries.some(({ path }) => own[index]!.has(path))) ?? holding[0];
    if (home !== undefined) homes.set(id, home);
  }
  const isWhole = owned.map((entries, index) =>
    entries.every(({ path }) => {
      const id = nodeAt(path);
      return id !== undefined && homes.get(id) === index;
    }),
  );
  return layers.map((_, index) => [...homes].flatMap(([id, home]) => (home === index && isWhole[index] ? [id] : [])));
}

/** What a layer has for its own sake: all but directories that something else of it lies in, which is what comes next. */
function isOwn({ path, type }: Entry, index: number, sorted: readonly Entry[]): boolean {
  const next = sorted[index + 1];
  return type !== "directory" || next === undefined || !isUnder(next.path, path);
}

/** Of those that have any in the tree. */
function* entriesByNode(tree: FileTree, nodes: ReadonlyMap<string, unknown>): Pausing<Map<string, Entry[]>> {
  const byNode = new Map<string, Entry[]>();
  for (const entry of tree.entries()) {
    const { origin } = entry;
    if (origin === undefined || !nodes.has(origin)) continue;
    const known = byNode.get(origin);
    if (known === undefined) byNode.set(origin, [entry]);
    else known.push(entry);
  }
  yield;
  return byNode;
}

function* holds(place: ReadonlyMap<TreePath, Entry>, entries: readonly Entry[], tree: FileTree): Pausing<boolean> {
  for (const entry of entries) {
    const there = place.get(entry.path);
    if (there === undefined) return false;
    if (
      !sameEntry(
        asFile(entry, (path) => tree.get(path)),
        asFile(there, (path) => place.get(path)),
      )
    )
      return false;
    yield;
  }
  return true;
}

/** Which of a file's names is the file and which are links to it is each layer's own matter. */
function asFile(entry: Entry, at: (path: TreePath) => Entry | undefined): Entry {
  const file = entry.type === "hardlink" ? at(entry.target) : undefined;
  return file?.type === "file" ? { ...file, ...metaOf(entry) } : entry;
}
