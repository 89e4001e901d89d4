/** What a file on disk is in the tree: its kind, mode, owner and device, by the disk or by what a faked session kept. */
import { constants, lstatSync, type BigIntStats } from "node:fs";
import type { Entry } from "../model/entry.ts";
import { ROOT, type TreePath } from "../model/path.ts";
import { placeOf, type LaidTree } from "./materialize.ts";
import type { Found } from "./work-directory.ts";

/** What a faked session says of a file. The mode holds the type. */
export interface FakedStat {
  /** As stat(2) gives it: type and permission bits. */
  readonly mode: number;
  /** The owner that the script sees. */
  readonly uid: number;
  /** The group that the script sees. */
  readonly gid: number;
  /** 0 of what is no device. */
  readonly major: number;
  /** 0 of what is no device. */
  readonly minor: number;
}

/** By what a file is known while the directory lives. */
export function inodeKey(stat: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stat.dev}:${stat.ino}`;
}

/** A file on which a program worked past the faked session, as statically linked ones do. */
export interface Escape {
  /** In the tree, not on the disk. */
  readonly path: TreePath;
  /** `owner`: really given to somebody else. `mode`: really other permissions than were recorded. */
  readonly what: "owner" | "mode";
}

export interface IdentityOptions {
  readonly laid: LaidTree;
  /** By `inodeKey`; files that it does not list belong to 0:0 and have their real mode. Undefined: nothing was faked. */
  readonly faked: ReadonlyMap<string, FakedStat> | undefined;
}

export interface Identity extends Omit<FakedStat, "mode"> {
  readonly kind: number;
  readonly mode: number;
}

export function identify(path: TreePath, stat: BigIntStats, options: IdentityOptions): Identity {
  const real = Number(stat.mode);
  const kind = real & constants.S_IFMT;
  const faked = options.faked?.get(inodeKey(stat));
  if (faked !== undefined && isPlausible(faked.mode & constants.S_IFMT, kind)) {
    return { ...faked, kind: faked.mode & constants.S_IFMT, mode: faked.mode & 0o7777 };
  }
  const device = deviceNumber(stat.rdev);
  if (options.faked !== undefined) return { kind, mode: real & 0o7777, uid: 0, gid: 0, ...device };
  // Nothing was faked: owners stay, and so do modes that were widened when laid out. By path, never by inode: a new
  // file may have got a removed one's inode, or may not.
  const laid = options.laid.entries.get(path);
  const before = laid !== undefined && kindOf(laid.entry) === kind ? laid.entry : undefined;
  const mode = before !== undefined && laid?.mode === real ? before.mode : real & 0o7777;
  return { kind, mode, uid: before?.uid ?? 0, gid: before?.gid ?? 0, ...device };
}

/** Device nodes and fifos are placeholders on disk; any other difference is a stale record of an inode used anew. */
function isPlausible(fakedKind: number, realKind: number): boolean {
  if (fakedKind === realKind) return true;
  const placeholders: readonly number[] = [constants.S_IFCHR, constants.S_IFBLK, constants.S_IFIFO];
  return realKind === constants.S_IFREG && placeholders.includes(fakedKind);
}

/** glibc's makedev, taken apart. */
export function deviceNumber(rdev: bigint): { readonly major: number; readonly minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

/** Where programs went past the faked session. */
export function findEscapes(found: readonly Found[], { faked, laid }: IdentityOptions): readonly Escape[] {
  if (faked === undefined) return [];
  const root = lstatSync(placeOf(laid.directory, ROOT), { bigint: true });
  return found.flatMap(({ path, stat }): readonly Escape[] => {
    if (stat.uid !== root.uid || stat.gid !== root.gid) return [{ path, what: "owner" }];
    const real = Number(stat.mode);
    const recorded = faked.get(inodeKey(stat))?.mode;
    if (recorded === undefined || (recorded & constants.S_IFMT) !== (real & constants.S_IFMT) || stat.isSymbolicLink())
      return [];
    // The owner's own rights are widened on disk; the others' are set alike.
    return (recorded & 0o077) === (real & 0o077) ? [] : [{ path, what: "mode" }];
  });
}

/** The `S_IF…` bits of an entry. */
export function kindOf(entry: Entry): number {
  const kinds: Record<Entry["type"], number> = {
    file: constants.S_IFREG,
    hardlink: constants.S_IFREG,
    directory: constants.S_IFDIR,
    symlink: constants.S_IFLNK,
    character: constants.S_IFCHR,
    block: constants.S_IFBLK,
    fifo: constants.S_IFIFO,
  };
  return kinds[entry.type];
}
