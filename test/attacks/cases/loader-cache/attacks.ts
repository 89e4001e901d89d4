/** `/etc/ld.so.cache` of a base: a table whose offsets may lead anywhere (glibc, sysdeps/generic/dl-cache.h). */
import type { Attack } from "../../attack.ts";
import { ON_LOADER_BASE, writeLoaderBase } from "../../make/base.ts";

const HEADER = 48;
const ENTRY = 24;

interface Cache {
  /** Where each entry's name and path begin; one entry each. */
  readonly offsets: readonly number[];
  readonly text: Uint8Array | string;
  /** What the header says. Default: as many as there are. */
  readonly count?: number;
}

function cacheOf({ offsets, text, count = offsets.length }: Cache): Buffer {
  const bytes = Buffer.alloc(HEADER + offsets.length * ENTRY);
  bytes.write("glibc-ld.so.cache1.1", "latin1");
  bytes.writeUInt32LE(count, 20);
  bytes.writeUInt32LE(text.length, 24);
  for (const [index, offset] of offsets.entries()) {
    const at = HEADER + index * ENTRY;
    bytes.writeInt32LE(0x303, at);
    bytes.writeUInt32LE(offset, at + 4);
    bytes.writeUInt32LE(offset, at + 8);
  }
  return Buffer.concat([bytes, Buffer.from(text as string, "latin1")]);
}

function attack(name: string, cache: Cache): Attack {
  return {
    name,
    make: (folder) => writeLoaderBase(folder, [{ name: "etc/ld.so.cache", body: cacheOf(cache) }]),
    image: ON_LOADER_BASE,
    ends: { told: [] },
  };
}

const many = Array.from({ length: 20_000 }, () => HEADER + 20_000 * ENTRY);

export const attacks: readonly Attack[] = [
  attack("20,000 entries for one text of 2 MB", { offsets: many, text: `${"a".repeat(2_000_000)}\0` }),
  attack("20,000 entries for one text that no NUL ends", { offsets: many, text: "a".repeat(2_000_000) }),
  attack("offsets behind its end", { offsets: [2 ** 32 - 1, 2 ** 31, 10_000], text: "a\0" }),
  attack("four thousand million entries in its header", { offsets: [72], text: "a\0", count: 2 ** 32 - 1 }),
];
