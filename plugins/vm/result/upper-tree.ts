/**
 * A tree with what an overlay mount's upper directory and index lay over it (Linux, Documentation/filesystems/overlayfs.rst). A file with
 * several names that was changed is in the index, by its number below; the upper directory has only the names that were used.
 */
import {
  ImageDslError,
  baseNameOf,
  displayPath,
  socketLeft,
  treePath,
  type Entry,
  type FileTree,
  type TreePath,
} from "../../../core/index.ts";
import { CHANGES } from "../guest/job.ts";
import { inodeOf, treeOfNames, type Inode, type Name } from "./inodes.ts";
import { placesBelow } from "./places.ts";

const UPPER = treePath(CHANGES.upper);
const INDEX = treePath(CHANGES.index);

const OVERLAYS_OWN = "trusted.overlay.";
/** How an attribute is kept that a script gave a name of the overlay's. */
const ESCAPED = "trusted.overlay.overlay.";

export interface Below {
  readonly tree: FileTree;
  /** Files of the tree with several names, by their numbers in its image. */
  readonly linked: ReadonlyMap<number, TreePath>;
}

/** `sent`: both directories, as `CHANGES` names them. `mtime`: seconds since 1970, of all that changed. Throws `E_SCRIPT_FAILED` for sockets, `E_VM`. */
export function withUpper(below: Below, sent: FileTree, mtime: number): FileTree {
  const changed = onceEach((inode) => ({ ...withoutOverlays(inode), mtime, origin: "image" }));
  const upper = sent.under(UPPER).map((entry) => ({ ...entry, path: belowUpper(entry.path) }));
  const socket = upper.find(isSocket);
  if (socket !== undefined) throw socketLeft(displayPath(socket.path));

  const indexed = new Map<Inode, Inode>();
  for (const entry of sent.under(INDEX)) indexed.set(fileBelow(entry.path, below), changed(inodeOf(sent, entry)));
  const placeOf = placesBelow(below.tree, upper);
  const kept: Name[] = [];
  const moved = new Set<Inode>();
  for (const entry of below.tree.entries()) {
    const path = placeOf(entry.path);
    if (path === undefined) continue;
    const inode = inodeOf(below.tree, entry);
    kept.push({ path, inode });
    if (path !== entry.path) moved.add(inode);
  }
  const anew = (inode: Inode): Inode => indexed.get(inode) ?? (moved.has(inode) ? changed(inode) : inode);
  const laid = sent.under(UPPER).filter((entry) => !isWhiteout(entry));
  return treeOfNames([
    ...kept.map(({ path, inode }) => ({ path, inode: anew(inode) })),
    ...laid.map((entry) => ({ path: belowUpper(entry.path), inode: changed(inodeOf(sent, entry)) })),
  ]);
}

function onceEach(make: (inode: Inode) => Inode): (inode: Inode) => Inode {
  const made = new Map<Inode, Inode>();
  return (inode) => {
    const result = made.get(inode) ?? make(inode);
    made.set(inode, result);
    return result;
  };
}

function belowUpper(path: TreePath): TreePath {
  return path.slice(UPPER.length + 1) as TreePath;
}

/** A file handle in hex digits: 25 bytes of others, then the number. */
const INDEXED = /^00fb210081[0-9a-f]{40}([0-9a-f]{16})$/;

function fileBelow(path: TreePath, { tree, linked }: Below): Inode {
  const number = INDEXED.exec(baseNameOf(path))?.[1];
  const name = number && linked.get(Number(Buffer.from(number, "hex").readBigUInt64LE()));
  const file = name && tree.get(name);
  if (file && file.type === "file") return file;
  throw new ImageDslError("E_VM", "The virtual machine does not say which names a changed file has", {
    hint: "Run the build again; if this comes again, report it",
  });
}

/** No overlay mount lets anybody make such a device. */
function isWhiteout(entry: Entry): boolean {
  return entry.type === "character" && entry.major === 0 && entry.minor === 0;
}

/** As the guest's job marks it. */
function isSocket(entry: Entry): boolean {
  return entry.type === "block" && entry.major === 0 && entry.minor === 0;
}

function withoutOverlays({ xattrs, ...inode }: Inode): Inode {
  const own = Object.entries(xattrs ?? {}).flatMap(([name, value]) => {
    if (name.startsWith(ESCAPED)) return [[OVERLAYS_OWN + name.slice(ESCAPED.length), value]];
    return name.startsWith(OVERLAYS_OWN) ? [] : [[name, value]];
  });
  return own.length === 0 ? inode : { ...inode, xattrs: Object.fromEntries(own) as Record<string, string> };
}
