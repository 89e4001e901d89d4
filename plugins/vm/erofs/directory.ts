/** A directory's content: blocks of records, sorted by name, each block's names behind its records (Linux, fs/erofs/dir.c). */
import type { Entry } from "../../../core/index.ts";
import { BLOCK } from "./inode.ts";

const RECORD = 12;

export const RECORD_TYPE: Readonly<Record<Exclude<Entry["type"], "hardlink">, number>> = {
  file: 1,
  directory: 2,
  character: 3,
  block: 4,
  fifo: 5,
  symlink: 7,
};

/** `name`: a byte string. `nid` may become known later; the content's size does not depend on it. */
export interface DirectoryRecord {
  readonly name: string;
  readonly type: number;
  readonly nid: () => number;
}

/** Records by block, in byte order. All blocks but the last count as full. */
export function directoryBlocks(records: readonly DirectoryRecord[]): readonly (readonly DirectoryRecord[])[] {
  const sorted = [...records].sort((a, b) => (a.name < b.name ? -1 : 1));
  const blocks: DirectoryRecord[][] = [];
  let used = BLOCK;
  for (const record of sorted) {
    const size = RECORD + record.name.length;
    if (used + size > BLOCK) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)!.push(record);
    used += size;
  }
  return blocks;
}

export function directorySize(blocks: readonly (readonly DirectoryRecord[])[]): number {
  const last = blocks.at(-1)!.reduce((sum, { name }) => sum + RECORD + name.length, 0);
  return (blocks.length - 1) * BLOCK + last;
}

export function encodeDirectory(blocks: readonly (readonly DirectoryRecord[])[]): Buffer {
  const bytes = Buffer.alloc(directorySize(blocks));
  blocks.forEach((block, index) => {
    let record = index * BLOCK;
    let name = block.length * RECORD;
    for (const each of block) {
      bytes.writeBigUInt64LE(BigInt(each.nid()), record);
      bytes.writeUInt16LE(name, record + 8);
      bytes.writeUInt8(each.type, record + 10);
      bytes.write(each.name, index * BLOCK + name, "latin1");
      record += RECORD;
      name += each.name.length;
    }
  });
  return bytes;
}
