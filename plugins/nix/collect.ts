/** Store paths as closure nodes, each at its own place; and what leads to them from the image's root. */
import {
  FileTree,
  directoryEntry,
  encodeText,
  hostEntry,
  parentOf,
  treePath,
  walk,
  type ClosureNode,
  type Collected,
  type CollectContext,
  type Entry,
} from "../../core/index.ts";
import type { PathInfo } from "./closure.ts";
import { rootEntries } from "./farm.ts";
import type { NixOptions } from "./source.ts";
import { parseStorePath } from "./store-path.ts";

/** What one source was resolved to. */
export interface NixClosure {
  readonly options: NixOptions;
  readonly roots: readonly string[];
  readonly infos: ReadonlyMap<string, PathInfo>;
}

/** One store path as a node. Throws `E_FILES` where it cannot be read. */
export function nodeOf({ path, references, narHash }: PathInfo): ClosureNode {
  const place = treePath(path);
  const top = hostEntry(encodeText(path), place, "keep");
  const below = top.type === "directory" ? walk(encodeText(path), { dest: place, modes: "keep" }) : [];
  const tree = FileTree.of([top, ...below].map((entry) => withIdentity(entry, narHash)));
  return {
    id: path,
    kind: "nix",
    volatility: "pinned",
    name: parseStorePath(path).name,
    tree,
    size: tree.contentSize(),
    needs: references.filter((reference) => reference !== path),
  };
}

/** A store path never changes, so its files are known by its hash: on whatever disk, and after they were fetched anew. */
function withIdentity(entry: Entry, narHash: string): Entry {
  if (entry.type !== "file" || entry.content.kind !== "host") return entry;
  return { ...entry, content: { ...entry.content, identity: `nix ${narHash} ${entry.path}` } };
}

/**
 * The nodes of `closure`, and in the image what `inRoot`, the sources that are put into the root together, show there:
 * of several sources the first brings what all of them have, so that links to directories are seen across them.
 */
export function collectNix(
  closure: NixClosure,
  inRoot: readonly NixClosure[],
  nodeAt: (info: PathInfo) => ClosureNode,
  { spec, emit }: Pick<CollectContext, "spec" | "emit">,
): Collected {
  const withStore = spec.includeStorePaths ?? true;
  const roots = placementOf(closure, spec) === "copy" ? referredTo(closure) : closure.roots;
  const nodes = withStore ? reachable(roots, closure.infos).map(nodeAt) : [];
  const image: Entry[] = [];
  for (const placement of ["link", "copy"] as const) {
    const placed = inRoot.filter((each) => placementOf(each, spec) === placement);
    const trees = new Map(placed.flatMap(({ infos }) => [...infos]).map(([path, info]) => [path, nodeAt(info).tree]));
    const paths = [...new Set(placed.flatMap((each) => each.roots))];
    for (const entry of rootEntries(paths, trees, { placement, collisions: spec.collisions, emit })) image.push(entry);
  }
  return {
    nodes,
    roots: withStore ? roots : [],
    image: FileTree.of([...image, ...(withStore ? storeDirectories(closure.roots[0]!) : [])]),
  };
}

/** Everybody has to get through to the store: `/nix` and `/nix/store`, or what they are in another place. */
function storeDirectories(path: string): Entry[] {
  const store = treePath(parseStorePath(path).store);
  return [parentOf(store), store].map((directory) => directoryEntry(directory));
}

function placementOf({ options }: NixClosure, spec: CollectContext["spec"]): "link" | "copy" | "store" {
  return options.placement ?? spec.placement ?? "link";
}

/** What a copy's files mention: the original only where something mentions it. */
function referredTo({ roots, infos }: NixClosure): readonly string[] {
  return [...new Set(roots.flatMap((root) => infos.get(root)!.references))];
}

function reachable(roots: readonly string[], infos: ReadonlyMap<string, PathInfo>): PathInfo[] {
  const reached = new Set(roots);
  for (const path of reached) for (const reference of infos.get(path)!.references) reached.add(reference);
  return [...infos.values()].filter(({ path }) => reached.has(path));
}
