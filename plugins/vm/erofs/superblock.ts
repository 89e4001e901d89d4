/** The superblock: 128 bytes at 1024 (Linux, fs/erofs/erofs_fs.h). */
const OFFSET = 1024;
const MAGIC = 0xe0f5e1e2;
/** Times of inodes are those of their last modification. */
const COMPAT_MTIME = 2;

export interface Superblock {
  /** The root directory's nid. */
  readonly root: number;
  readonly inodes: number;
  /** Of the whole image. */
  readonly blocks: number;
}

/** Blocks are of 2^12 bytes, and inodes begin at block 1. */
export function writeSuperblock(target: Buffer, { root, inodes, blocks }: Superblock): void {
  target.writeUInt32LE(MAGIC, OFFSET);
  target.writeUInt32LE(COMPAT_MTIME, OFFSET + 8);
  target.writeUInt8(12, OFFSET + 12);
  target.writeUInt16LE(root, OFFSET + 14);
  target.writeBigUInt64LE(BigInt(inodes), OFFSET + 16);
  target.writeUInt32LE(blocks, OFFSET + 36);
  target.writeUInt32LE(1, OFFSET + 40);
}
