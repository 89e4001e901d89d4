/**
 * Merging many trees into the one tree of an image. A symbolic link to a directory is respected wherever it comes
 * from: what another tree puts below its path lands where it leads, and a directory that another tree states at its
 * path states the one where it leads, whatever the order of the trees.
 */
import { ImageDslError } from "../error.ts";
import {
  metaOf,
  placedEntry,
  type DirectoryEntry,
  type Entry,
  type Origin,
  type SymlinkEntry,
} from "../model/entry.ts";
import { ROOT, baseNameOf, displayPath, isUnderAny, joinPath, parentOf, type TreePath } from "../model/path.ts";
import { sameEntry } from "./equal.ts";
import { FileTree } from "./file-tree.ts";
import { resolvePath } from "./resolve.ts";
import { atOnce, type Pausing } from "./turns.ts";

export interface MergePart {
  readonly origin: Origin;
  readonly tree: FileTree;
  /** Origins whose files this one takes over without a collision. */
  readonly overrides?: readonly Origin[];
  /** What all others may take over. It comes first. */
  readonly isBase?: true;
}

export interface MergeOptions {
  /** What happens where two parts claim one path with different things. */
  readonly collisions: "error" | "first" | "last";
  /** Told of each collision that a policy settled, and of what would hide a directory of the base. */
  readonly onCollision?: (path: TreePath, kept: Origin, dropped: Origin) => void;
}

interface Claim {
  readonly part: MergePart;
  readonly entry: Entry;
}

/** Collisions named in one error; more are counted. */
const NAMED = 10;

/** Entries of the result carry the origin of their part. Throws `E_TREE_COLLISION`, naming both parts and the path. */
export function mergeTrees(parts: readonly MergePart[], options: MergeOptions): FileTree {
  return atOnce(mergeInPieces(parts, options));
}

/** As `mergeTrees`, with pauses. */
export function* mergeInPieces(parts: readonly MergePart[], options: MergeOptions): Pausing<FileTree> {
  const [first, second] = parts;
  // A tree alone has nothing to collide with, and no path of it lies below a link.
  if (first !== undefined && second === undefined) return first.tree.withOrigin(first.origin);
  const place = placer(parts);
  const claims = new Map<TreePath, Claim>();
  const collisions: string[] = [];
  const throughLinks: Claim[] = [];
  /** Where something else took the place of a directory of the base. */
  const replaced = new Set<TreePath>();

  for (const part of parts) {
    for (const entry of part.tree.entries()) {
      yield;
      // The base's files are where they are; only what comes on top can follow links.
      const path = part.isBase ? entry.path : place.of(entry.path);
      const claim = { part, entry };
      if (entry.type === "directory" && !part.isBase && place.isLink(path)) {
        if (!entry.implicit) throughLinks.push(claim);
        continue;
      }
      const earlier = claims.get(path);
      if (earlier === undefined) claims.set(path, claim);
      else if (!settle(path, earlier, claim)) {
        collisions.push(`${displayPath(path)}: ${describe(earlier)} and ${describe(claim)}`);
      }
    }
  }
  if (collisions.length > 0) throw collisionError(collisions);
  dropHomeless();
  for (const claim of throughLinks) stateTarget(claim);
  yield;
  const placed = placedEntries(claims, place);
  yield;
  return FileTree.of(placed);

  /** A directory stated at a link's path is the link's target, unless that is stated under its own name. */
  function stateTarget(claim: Claim): void {
    const path = place.leadsTo(claim.entry.path);
    const own = claims.get(path)?.entry;
    if (own === undefined || (own.type === "directory" && own.implicit)) claims.set(path, claim);
  }

  /** What the base has below a path that is no directory any more is gone, as in a runtime's overlay. */
  function dropHomeless(): void {
    if (replaced.size === 0) return;
    for (const [path, { part }] of claims) if (part.isBase && isUnderAny(path, replaced)) claims.delete(path);
  }

  /** Decides between two claims of one path; false where nothing allows to. */
  function settle(path: TreePath, earlier: Claim, later: Claim): boolean {
    if (earlier.part.isBase) return settleWithBase(path, earlier, later);
    if (earlier.entry.type === "directory" && later.entry.type === "directory") {
      // The first listed directory's metadata; one that nobody listed gives way.
      if (earlier.entry.implicit && !later.entry.implicit) claims.set(path, later);
      return true;
    }
    if (sameEntry(fileOf(earlier, path), fileOf(later, path))) return true;
    if (later.part.overrides?.includes(earlier.part.origin)) {
      claims.set(path, later);
      return true;
    }
    if (earlier.part.overrides?.includes(later.part.origin)) return true;
    if (options.collisions === "error") return false;
    // A directory cannot give way to a file, nor a file to a directory: what lies below would be lost or homeless.
    if (earlier.entry.type === "directory" || later.entry.type === "directory") return false;
    const [kept, dropped] = options.collisions === "first" ? [earlier, later] : [later, earlier];
    claims.set(path, kept);
    options.onCollision?.(path, kept.part.origin, dropped.part.origin);
    return true;
  }

  /**
   * What is there already stays: it need not come again. A directory that nobody listed is whatever the base has. Only
   * what would hide all that the base has in a directory is a collision.
   */
  function settleWithBase(path: TreePath, base: Claim, later: Claim): boolean {
    const areDirectories = base.entry.type === "directory" && later.entry.type === "directory";
    if (areDirectories && (later.entry as DirectoryEntry).implicit) return true;
    if (sameEntry(fileOf(base, path), fileOf(later, path))) return true;
    const hides = base.entry.type === "directory" && !areDirectories && base.part.tree.under(path).length > 0;
    if (hides && options.collisions === "error") return false;
    const [kept, dropped] = hides && options.collisions === "first" ? [base, later] : [later, base];
    claims.set(path, kept);
    if (!hides) return true;
    if (kept === later) replaced.add(path);
    options.onCollision?.(path, kept.part.origin, dropped.part.origin);
    return true;
  }
}

interface Placer {
  /** Where an entry lands: its parent's links followed, its own name not. */
  of(path: TreePath): TreePath;
  isLink(path: TreePath): boolean;
  /** Where a path leads, its own name followed too. */
  leadsTo(path: TreePath): TreePath;
}

/** Links may lie below links of other parts, so their own places are sought until they stay. */
function placer(parts: readonly MergePart[]): Placer {
  const links: SymlinkEntry[] = [];
  // The first link of a path counts, and the base's gives way.
  const ordered = [...parts.filter(({ isBase }) => !isBase), ...parts.filter(({ isBase }) => isBase)];
  for (const { tree } of ordered) for (const entry of tree.entries()) if (entry.type === "symlink") links.push(entry);

  let placed = new Map<TreePath, SymlinkEntry>();
  for (const link of links) if (!placed.has(link.path)) placed.set(link.path, link);
  for (let round = 0; round < 10; round++) {
    const of = cachedPlace(placed);
    const next = new Map<TreePath, SymlinkEntry>();
    let moved = false;
    for (const link of links) {
      const path = of(link.path);
      if (!placed.has(path)) moved = true;
      if (!next.has(path)) next.set(path, link);
    }
    placed = next;
    if (!moved) break;
  }
  return {
    of: cachedPlace(placed),
    isLink: (path) => placed.has(path),
    leadsTo: (path) => resolvePath(placed, path),
  };
}

function cachedPlace(links: ReadonlyMap<TreePath, SymlinkEntry>): (path: TreePath) => TreePath {
  const parents = new Map<TreePath, TreePath>([[ROOT, ROOT]]);
  return (path) => {
    const parent = parentOf(path);
    let resolved = parents.get(parent);
    if (resolved === undefined) {
      resolved = resolvePath(links, parent);
      parents.set(parent, resolved);
    }
    return resolved === parent ? path : joinPath(resolved, baseNameOf(path));
  };
}

/** The merged entries: hard links point to where their file went, or take its content where another part's file stands there. */
function placedEntries(claims: ReadonlyMap<TreePath, Claim>, place: Placer): Entry[] {
  const result: Entry[] = [];
  const heirs = new Map<MergePart, Map<TreePath, TreePath>>();
  for (const [path, { part, entry }] of claims) {
    const placed = { path, origin: part.origin };
    if (entry.type !== "hardlink") {
      result.push(entry.path === path && entry.origin === part.origin ? entry : placedEntry(entry, placed));
      continue;
    }
    const target = place.of(entry.target);
    if (claims.get(target)?.part === part) {
      result.push({ ...entry, ...placed, target });
      continue;
    }
    const ofPart = heirs.get(part) ?? new Map<TreePath, TreePath>();
    heirs.set(part, ofPart);
    const heir = ofPart.get(entry.target);
    if (heir === undefined) ofPart.set(entry.target, path);
    result.push(
      heir === undefined ? { ...fileOf({ part, entry }, path), ...placed } : { ...entry, ...placed, target: heir },
    );
  }
  return result;
}

/** An entry as the thing itself: a hard link as a file with the content that it names. */
function fileOf({ part, entry }: Claim, path: TreePath): Entry {
  if (entry.type !== "hardlink") return entry;
  const file = part.tree.get(entry.target);
  if (file?.type !== "file") throw new Error("FileTree guarantees that hard links name files");
  return { ...metaOf(file), path, type: "file", size: file.size, content: file.content };
}

function describe({ part, entry }: Claim): string {
  return `${part.origin} (${entry.type}, mode ${entry.mode.toString(8)}, owner ${entry.uid}:${entry.gid})`;
}

function collisionError(collisions: readonly string[]): ImageDslError {
  const shown = collisions.slice(0, NAMED).map((line) => `\n  ${line}`);
  const more = collisions.length > NAMED ? `\n  … and ${collisions.length - NAMED} more` : "";
  return new ImageDslError(
    "E_TREE_COLLISION",
    `Two sources bring different things to one path:${shown.join("")}${more}`,
    {
      hint: 'Leave one of them out, or set collisions: "first" or "last"',
    },
  );
}
