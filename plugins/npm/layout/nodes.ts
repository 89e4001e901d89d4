/** An install plan as closure nodes: one a package, with all places at which it stands and the links to its programs. */
import { posix } from "node:path";
import {
  FileTree,
  derivedTrees,
  inlineFile,
  joinPath,
  openContent,
  placedEntry,
  readWhole,
  treePath,
  withEntries,
  type ClosureNode,
  type Entry,
  type FileEntry,
  type TreePath,
} from "../../../core/index.ts";
import type { BinLink, InstallPlan, Layout, LockedPackage, PackageId } from "../model.ts";
import { binLinks } from "./bins.ts";
import { binShims } from "./shims.ts";

export interface Placement {
  /** The project's root in the image. */
  readonly dest: TreePath;
  readonly mtime: number;
}

const EXECUTABLE = 0o755;

/** `trees`: what each package holds; what came inside another's tarball has none. */
export function nodesOf(
  plan: InstallPlan,
  trees: ReadonlyMap<PackageId, FileTree>,
  { dest, mtime }: Placement,
): readonly ClosureNode[] {
  const programs = programsOf(plan, trees, { dest, mtime });
  const piecesOf = new Map<PackageId, Piece[]>(Array.from(plan.packages.keys(), (id) => [id, []]));
  const programsAt = new Map<string, string[]>();
  // Yarn 1 makes all of them, one over the other.
  const made = plan.layout.kind === "yarn-classic" ? plan.layout.links : programs;
  for (const { place, program } of made) programsAt.set(place, [...(programsAt.get(place) ?? []), program]);
  for (const place of plan.places) {
    const pieces = piecesOf.get(place.package)!;
    const at = joinPath(dest, treePath(place.path));
    if ("link" in place) {
      const target = relative(place.path, place.link);
      pieces.push({ key: ["link", at, target], entries: () => [linkEntry(at, target, mtime)] });
      continue;
    }
    const tree = trees.get(place.package);
    if (tree === undefined) continue;
    const executables = programsAt.get(place.path) ?? [];
    const origin = nodeId(place.package, dest);
    const entries = () => placedEntries(withExecutables(tree, executables, plan.layout), at, { mtime, origin });
    pieces.push({ key: ["tree", at, origin, ...executables], entries });
  }
  for (const { package: id, key, entry } of programs) piecesOf.get(id)!.push({ key, entries: () => [entry] });
  return Array.from(piecesOf, ([id, pieces]) => {
    const make = () => FileTree.of(pieces.flatMap(({ entries }) => entries()));
    const tree = trees.get(id);
    const key = () => JSON.stringify([plan.layout.kind, mtime, pieces.map((piece) => piece.key)]);
    return nodeOf(plan.packages.get(id)!, tree === undefined ? make() : placed(tree, key(), make), dest);
  });
}

const placed = derivedTrees();

/** Of what a package's tree has in the image. */
interface Piece {
  /** All that its entries depend on, beside the package's own. */
  readonly key: readonly string[];
  entries(): readonly Entry[];
}

/** With whose they are from the start: the merge takes them as they stand. */
function placedEntries(
  tree: FileTree,
  at: TreePath,
  meta: { readonly mtime: number; readonly origin: string },
): readonly Entry[] {
  return tree.entries().map((entry) => placedEntry(entry, { ...meta, path: joinPath(at, entry.path) }));
}

interface Program {
  /** What stands in `.bin`. */
  readonly entry: Entry;
  /** Where that is, and what is in it. */
  readonly key: readonly string[];
  readonly package: PackageId;
  /** Where the package stands whose program it runs. */
  readonly place: string;
  /** What it runs, inside that package. */
  readonly program: string;
}

function programsOf(
  plan: InstallPlan,
  trees: ReadonlyMap<PackageId, FileTree>,
  { dest, mtime }: Placement,
): readonly Program[] {
  const at = (path: string) => joinPath(dest, treePath(path));
  if (plan.layout.kind !== "pnpm") {
    const has = (id: PackageId, program: string) => trees.get(id)?.get(treePath(program))?.type === "file";
    const links = plan.layout.kind === "npm" ? binLinks(plan, has) : firstOfEach(plan.layout.links, has);
    return links.map((link) => ({
      ...link,
      entry: linkEntry(at(link.path), link.target, mtime),
      key: ["link", at(link.path), link.target],
    }));
  }
  return binShims(plan.layout.programs, trees, dest).map(({ path, text, ...rest }) => ({
    ...rest,
    entry: inlineFile(at(path), Buffer.from(text), { mode: EXECUTABLE, mtime }),
    key: ["shim", at(path), text],
  }));
}

function firstOfEach(links: readonly BinLink[], has: (id: PackageId, program: string) => boolean): readonly BinLink[] {
  const found = new Map<string, BinLink>();
  for (const link of links) {
    if (!found.has(link.path) && has(link.package, link.program)) found.set(link.path, link);
  }
  return [...found.values()];
}

function nodeOf(each: LockedPackage, tree: FileTree, dest: TreePath): ClosureNode {
  return {
    id: nodeId(each.id, dest),
    kind: "npm",
    name: each.name,
    version: each.version,
    tree,
    size: tree.contentSize(),
    needs: each.needs.map((id) => nodeId(id, dest)),
    volatility: each.origin.kind === "folder" || each.origin.kind === "project" ? "project" : "pinned",
  };
}

/** Two projects of one image may need one package. */
export function nodeId(id: PackageId, dest: TreePath): string {
  return `npm:/${dest}:${id}`;
}

/** Programs that are linked may be executed, and begin, but with Yarn, as a Unix kernel wants them to, without a carriage return. */
function withExecutables(tree: FileTree, programs: readonly string[], { kind }: Layout): FileTree {
  const changed = programs.flatMap((program) => {
    const entry = tree.get(treePath(program));
    if (entry?.type !== "file") return [];
    return [{ ...(kind === "npm" || kind === "pnpm" ? withUnixLineEnd(entry) : entry), mode: EXECUTABLE }];
  });
  return changed.length === 0 ? tree : withEntries(tree, changed);
}

const LINE_MAX = 2048;
const WINDOWS_HASHBANG = /^(#![^\n]+)\r\n/;

function withUnixLineEnd(entry: FileEntry): FileEntry {
  const reader = openContent(entry);
  const start = Buffer.alloc(Math.min(LINE_MAX, entry.size));
  try {
    if (start.length > 0) reader.read(start, 0, start.length);
  } finally {
    reader.close();
  }
  if (!WINDOWS_HASHBANG.test(start.toString("latin1"))) return entry;
  const text = Buffer.from(readWhole(entry)).toString("latin1");
  return inlineFile(entry.path, Buffer.from(text.replace(WINDOWS_HASHBANG, "$1\n"), "latin1"), entry);
}

function linkEntry(path: TreePath, target: string, mtime: number): Entry {
  return { path, type: "symlink", target, mode: 0o777, uid: 0, gid: 0, mtime };
}

/** From one path's folder to another path, both from the root. */
function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}
