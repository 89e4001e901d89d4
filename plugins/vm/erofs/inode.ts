/** One inode as it lies in an image: 64 bytes (the extended form), behind them its extended attributes (Linux, fs/erofs/erofs_fs.h). */
import { ImageDslError, displayPath, modeOf, type Entry, type EntryMeta } from "../../../core/index.ts";
import { FILE_KIND } from "../file-kind.ts";

export const BLOCK = 4096;
/** Inodes begin at multiples of this; an inode's number (nid) is which. */
export const SLOT = 32;
export const INODE_SIZE = 64;

/** Where an inode's content is: in blocks of its own, or its last part behind the inode. */
export const PLAIN = 0;
export const INLINE = 2;

export interface InodeFields {
  readonly entry: Exclude<Entry, { type: "hardlink" }>;
  /** Unlike nids without holes, from 1. */
  readonly number: number;
  readonly links: number;
  /** Bytes of its content. */
  readonly size: number;
  readonly layout: typeof PLAIN | typeof INLINE;
  /** The content's first block. */
  readonly block: number;
  /** As `encodeXattrs` gave them. */
  readonly xattrs: Buffer;
}

/** Writes the inode and its attributes. */
export function writeInode(target: Buffer, at: number, inode: InodeFields): void {
  const { entry, number, links, size, layout, block, xattrs } = inode;
  const { type, uid, gid, mtime } = entry;
  const isDevice = type === "character" || type === "block";
  target.writeUInt16LE((layout << 1) | 1, at);
  target.writeUInt16LE(xattrs.length === 0 ? 0 : (xattrs.length - XATTR_HEADER) / 4 + 1, at + 2);
  target.writeUInt16LE(FILE_KIND[type] | modeOf(entry), at + 4);
  target.writeBigUInt64LE(BigInt(size), at + 8);
  target.writeUInt32LE(isDevice ? deviceNumber(entry.major, entry.minor) : block, at + 16);
  target.writeUInt32LE(number, at + 20);
  target.writeUInt32LE(uid, at + 24);
  target.writeUInt32LE(gid, at + 28);
  target.writeBigInt64LE(BigInt(mtime), at + 32);
  target.writeUInt32LE(links, at + 44);
  xattrs.copy(target, at + INODE_SIZE);
}

/** As Linux packs it (new_encode_dev): 12 bits of major, 20 of minor. */
function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

const XATTR_HEADER = 12;

/** The longest prefix that fits counts; names of access lists are all prefix. */
const XATTR_PREFIXES = [
  ["user.", 1],
  ["system.posix_acl_access", 2],
  ["system.posix_acl_default", 3],
  ["trusted.", 4],
  ["security.", 6],
] as const;

/** Empty where there are none. Throws `E_TREE_INVALID` for one that the file system cannot hold. */
export function encodeXattrs({ path, xattrs = {} }: EntryMeta): Buffer {
  const names = Object.keys(xattrs).sort();
  if (names.length === 0) return Buffer.alloc(0);
  const parts = [Buffer.alloc(XATTR_HEADER)];
  for (const name of names) {
    const value = Buffer.from(xattrs[name]!, "latin1");
    const found = XATTR_PREFIXES.find(([prefix]) => name.startsWith(prefix));
    const rest = Buffer.from(name.slice(found?.[0].length), "latin1");
    if (found === undefined || rest.length > 255 || value.length > 0xffff) throw unheld(path, name);
    const part = Buffer.alloc((4 + rest.length + value.length + 3) & ~3);
    part.writeUInt8(rest.length, 0);
    part.writeUInt8(found[1], 1);
    part.writeUInt16LE(value.length, 2);
    rest.copy(part, 4);
    value.copy(part, 4 + rest.length);
    parts.push(part);
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length > XATTR_HEADER + 4 * 0xfffe) throw unheld(path, names[0]!);
  return bytes;
}

function unheld(path: EntryMeta["path"], name: string): ImageDslError {
  return new ImageDslError(
    "E_TREE_INVALID",
    `The extended attribute ${JSON.stringify(name)} of ${displayPath(path)} cannot be given to a virtual machine`,
    { hint: "Only user.*, trusted.*, security.* and access lists can, of at most 64 KiB" },
  );
}
