/** Symbol versions (LSB, "Symbol Versioning"): which glibc a library needs, and which one a libc is. */
import type { FileEntry, HostPath } from "../../model/entry.ts";
import { Fields, SEGMENT, readHeader, type ElfHeader } from "./header.ts";
import { invalidElf, withEntryBytes, withHostBytes, type ByteSource } from "./input.ts";

/** `[2, 36]`. */
export type GlibcVersion = readonly [major: number, minor: number];

const TAG = Object.freeze({
  strings: 5,
  defined: 0x6ffffffc,
  definedCount: 0x6ffffffd,
  needed: 0x6ffffffe,
  neededCount: 0x6fffffff,
});
const NONE: GlibcVersion = [0, 0];

/** Libraries have some dozens. */
const COUNT_LIMIT = 4096;
const SECTION_LIMIT = 1024 * 1024;
const NAME_LIMIT = 64;

/** The newest `GLIBC_…` version that a library, of the host or of a tree, needs; 0.0 for none. Throws `E_ELF_INVALID`. */
export function requiredGlibc(file: HostPath | FileEntry): GlibcVersion {
  return newest(withDynamicFile(file, readNeeded));
}

/** The newest `GLIBC_…` version that a libc, of the host or of a tree, defines. Throws `E_ELF_INVALID`. */
export function definedGlibc(libc: HostPath | FileEntry): GlibcVersion {
  return newest(withDynamicFile(libc, readDefined));
}

function withDynamicFile<Result>(file: HostPath | FileEntry, work: (file: DynamicFile) => Result): Result {
  if (typeof file === "string") return withHostBytes(file, (source) => work(new DynamicFile(source, file)));
  return withEntryBytes(file, (source) => work(new DynamicFile(source, file.path)));
}

function newest(names: readonly string[]): GlibcVersion {
  const versions = names.flatMap((name): readonly GlibcVersion[] => {
    const match = /^GLIBC_(\d+)\.(\d+)(\.\d+)?$/.exec(name);
    return match ? [[Number(match[1]), Number(match[2])]] : [];
  });
  return versions.reduce((best, each) => (isNewer(each, best) ? each : best), NONE);
}

/** Whether a library that needs glibc `a` is too new for glibc `b`; equal versions are not newer. */
export function isNewer(a: GlibcVersion, b: GlibcVersion): boolean {
  return (a[0] - b[0] || a[1] - b[1]) > 0;
}

/** A chain of records, each with a chain of names, all by offsets from their own place. */
function readNeeded(file: DynamicFile): readonly string[] {
  const names: string[] = [];
  file.chain(
    file.tag(TAG.needed),
    file.tag(TAG.neededCount),
    12,
    (record, count, at) => {
      file.chain(at + record.u32(8), count, 12, (name) => names.push(file.name(name.u32(8))), 16);
    },
    16,
    2,
  );
  return names;
}

function readDefined(file: DynamicFile): readonly string[] {
  const names: string[] = [];
  file.chain(
    file.tag(TAG.defined),
    file.tag(TAG.definedCount),
    16,
    (record, _count, at) => {
      // The first name is the version's own; further ones are those it takes over.
      file.chain(at + record.u32(12), 1, 4, (name) => names.push(file.name(name.u32(0))), 8);
    },
    20,
    6,
  );
  return names;
}

class DynamicFile {
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #header: ElfHeader;
  readonly #tags: ReadonlyMap<number, number>;

  constructor(source: ByteSource, name: string) {
    this.#source = source;
    this.#name = name;
    this.#header = readHeader(source, name);
    this.#tags = this.#readTags();
  }

  tag(tag: number): number | undefined {
    return this.#tags.get(tag);
  }

  /** Calls `each` for a chain of `count` records at a loaded address; `nextAt` is where a record says how far the next one is. */
  chain(
    address: number | undefined,
    count: number | undefined,
    nextAt: number,
    each: (record: Fields, count: number, address: number) => void,
    size: number,
    countAt = 0,
  ): void {
    if (address === undefined || count === undefined) return;
    if (count > COUNT_LIMIT) throw invalidElf(this.#name, `it has ${count} symbol versions`);
    let at = address;
    for (let index = 0; index < count; index++) {
      const record = new Fields(this.#read(this.#offsetOf(at), size), this.#header.littleEndian);
      each(record, record.u16(countAt), at);
      const next = record.u32(nextAt);
      if (next === 0) return;
      at += next;
    }
  }

  name(at: number): string {
    const offset = this.#offsetOf(this.tag(TAG.strings) ?? 0) + at;
    const text = this.#read(offset, Math.max(0, Math.min(NAME_LIMIT, this.#source.size - offset))).toString("latin1");
    const end = text.indexOf("\0");
    return end < 0 ? "" : text.slice(0, end);
  }

  #readTags(): ReadonlyMap<number, number> {
    const { segments, bits, littleEndian } = this.#header;
    const segment = segments.find(({ type }) => type === SEGMENT.dynamic);
    const tags = new Map<number, number>();
    if (segment === undefined) return tags;
    if (segment.fileSize > SECTION_LIMIT) throw invalidElf(this.#name, "its dynamic section is too large");
    const fields = new Fields(this.#read(segment.offset, segment.fileSize), littleEndian);
    const half = bits / 8;
    for (let at = 0; at + 2 * half <= segment.fileSize; at += 2 * half) {
      const tag = fields.word(at, bits);
      if (tag === 0) break;
      if (!tags.has(tag)) tags.set(tag, fields.word(at + half, bits));
    }
    return tags;
  }

  #offsetOf(address: number): number {
    const load = this.#header.segments.find(
      (segment) =>
        segment.type === SEGMENT.load && address >= segment.address && address - segment.address < segment.fileSize,
    );
    if (load === undefined) throw invalidElf(this.#name, "its symbol versions are in no loaded segment");
    return load.offset + (address - load.address);
  }

  #read(offset: number, length: number): Buffer {
    if (offset + length > this.#source.size) throw invalidElf(this.#name, "its symbol versions lie outside the file");
    return this.#source.read(offset, length);
  }
}
