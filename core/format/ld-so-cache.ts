/**
 * `/etc/ld.so.cache`, where glibc's loader looks libraries up by name: the format named `glibc-ld.so.cache1.1` with
 * its extension sections, as glibc's ldconfig writes it since 2.33, byte for byte. Read as well where it stands behind
 * an older cache, as before 2.32.
 */
import { ImageDslError } from "../error.ts";
import { buildStringTable } from "./ld-so-cache/string-table.ts";

export { cacheFlags, machineFamily, type CacheFlagsOptions } from "./ld-so-cache/flags.ts";

/** Names and paths are byte strings. */
export interface CacheEntry {
  /** What is looked up: a library's soname. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** ABI: see `cacheFlags`. */
  readonly flags: number;
  /** For a processor that has this: a subdirectory of `glibc-hwcaps`, such as `x86-64-v3`. Without it: for all. */
  readonly hwcaps?: string;
  /** The ISA level that the file itself asks for; written only together with `hwcaps`. */
  readonly isaLevel?: number;
}

/** What /etc/ld.so.cache holds, in glibc's new format. */
export interface LdSoCache {
  /** In any order: what is written is sorted as the loader's search wants it. */
  readonly entries: readonly CacheEntry[];
  /** The byte order of the machine that reads it; true for all but big-endian ones such as s390x. */
  readonly littleEndian: boolean;
  /** What wrote it: free text. */
  readonly generator?: string;
}

export interface EncodeOptions {
  /** Names of hwcaps directories that were looked into, used or not: ldconfig keeps them all in the string table. */
  readonly hwcapsDirectories?: readonly string[];
}

const MAGIC = "glibc-ld.so.cache1.1";
const HEADER_SIZE = 48;
const ENTRY_SIZE = 24;
const ENDIAN = Object.freeze({ mask: 3, little: 2, big: 3 });

/** Bytes of a name or path: Linux takes no longer ones. */
const TEXT_LIMIT = 4096;
/** Names may share bytes; those of real caches have together no more than the cache. */
const TEXTS_BY_SIZE = 8;

const OLD_MAGIC = "ld.so-1.7.0\0";
const OLD_HEADER_SIZE = 16;
const OLD_ENTRY_SIZE = 12;

const EXTENSION_MAGIC = 0xeaa42174;
const EXTENSION_HEADER_SIZE = 8;
const SECTION_SIZE = 16;
const SECTION = Object.freeze({ generator: 0, hwcaps: 1 });
/** Bit 62 of an entry's hwcap field, in its upper half: the lower half is an index into the hwcaps section. */
const HWCAP_EXTENSION = 0x40000000;
const ISA_LEVEL_MASK = 0x3ff;

/** Sorts as ldconfig does; of equal entries the first given is found first. */
export function encodeLdSoCache(cache: LdSoCache, options: EncodeOptions = {}): Buffer {
  const entries = cache.entries.toSorted(compareEntries);
  const hwcaps = [...new Set(entries.flatMap(({ hwcaps: name }) => name ?? []))].toSorted();
  const strings = buildStringTable([
    ...entries.flatMap(({ name, path }) => [name, path]),
    ...hwcaps,
    ...(options.hwcapsDirectories ?? []),
  ]);
  const stringsStart = HEADER_SIZE + entries.length * ENTRY_SIZE;
  const extensionStart = Math.ceil((stringsStart + strings.bytes.length) / 4) * 4;
  const extension = encodeExtension(cache, {
    start: extensionStart,
    hwcaps: hwcaps.map((name) => stringsStart + strings.offsetOf(name)),
  });

  const bytes = Buffer.alloc(extensionStart + extension.length);
  const put = writer(bytes, cache.littleEndian);
  bytes.write(MAGIC, 0, "latin1");
  put(20, entries.length);
  put(24, strings.bytes.length);
  bytes[28] = cache.littleEndian ? ENDIAN.little : ENDIAN.big;
  put(32, extensionStart);
  for (const [index, entry] of entries.entries()) {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    put(at, entry.flags);
    put(at + 4, stringsStart + strings.offsetOf(entry.name));
    put(at + 8, stringsStart + strings.offsetOf(entry.path));
    if (entry.hwcaps !== undefined) {
      const upper = HWCAP_EXTENSION + Math.min(entry.isaLevel ?? 0, ISA_LEVEL_MASK);
      const lower = hwcaps.indexOf(entry.hwcaps);
      put(at + 16, cache.littleEndian ? lower : upper);
      put(at + 20, cache.littleEndian ? upper : lower);
    }
  }
  strings.bytes.copy(bytes, stringsStart);
  extension.copy(bytes, extensionStart);
  return bytes;
}

/** Throws `E_ELF_INVALID`. */
export function decodeLdSoCache(file: Uint8Array): LdSoCache {
  const whole = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const bytes = whole.subarray(findCache(whole));
  const littleEndian = isLittleEndian(bytes);
  const get = reader(bytes, littleEndian);
  let left = bytes.length * TEXTS_BY_SIZE;
  const text = (offset: number): string => {
    const end = offset < bytes.length ? bytes.indexOf(0, offset) : -1;
    if (end < 0) throw invalid("a name lies outside it");
    if (end - offset > TEXT_LIMIT) throw invalid(`a name of it has ${end - offset} bytes`);
    left -= end - offset;
    if (left < 0) throw invalid(`its names have ${TEXTS_BY_SIZE} times as many bytes as it has itself`);
    return bytes.toString("latin1", offset, end);
  };

  const count = get(20);
  if (HEADER_SIZE + count * ENTRY_SIZE > bytes.length) throw invalid("it is cut off");
  const { hwcaps, generator } = decodeExtension(whole, get(32), littleEndian);
  const entries = Array.from({ length: count }, (_, index): CacheEntry => {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    const [lower, upper] = littleEndian ? [get(at + 16), get(at + 20)] : [get(at + 20), get(at + 16)];
    const entry = { name: text(get(at + 4)), path: text(get(at + 8)), flags: get(at) };
    if (lower === 0 && upper === 0) return entry;
    const offset = upper >>> 10 === HWCAP_EXTENSION >>> 10 ? hwcaps[lower] : undefined;
    // Bits of before 2.33 have no name; the number keeps such an entry apart from those for all processors.
    if (offset === undefined)
      return { ...entry, hwcaps: `0x${(BigInt(upper) * 2n ** 32n + BigInt(lower)).toString(16)}` };
    return { ...entry, hwcaps: text(offset), isaLevel: upper & ISA_LEVEL_MASK };
  });
  return { entries, littleEndian, ...(generator === undefined ? {} : { generator }) };
}

/** ldconfig's order of names, in which the loader searches: runs of digits count as numbers and come after all else. */
export function compareLibraryNames(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length) {
    const [x, y] = [digitRun(a, i), digitRun(b, j)];
    if (x !== undefined && y !== undefined) {
      if (x.value !== y.value) return (x.value - y.value) | 0;
      [i, j] = [x.end, y.end];
    } else if (x !== undefined || y !== undefined) {
      return x !== undefined ? 1 : -1;
    } else {
      const difference = signedByte(a, i++) - signedByte(b, j++);
      if (difference !== 0) return difference;
    }
  }
  return -signedByte(b, j);
}

function compareEntries(a: CacheEntry, b: CacheEntry): number {
  const names = compareLibraryNames(b.name, a.name);
  if (names !== 0) return names;
  if (a.flags !== b.flags) return b.flags - a.flags;
  if (a.hwcaps === b.hwcaps) return 0;
  if (a.hwcaps === undefined || b.hwcaps === undefined) return a.hwcaps === undefined ? 1 : -1;
  return a.hwcaps < b.hwcaps ? -1 : 1;
}

/** The value wraps around as a C int of 32 bits does: the loader compares so. */
function digitRun(text: string, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let end = start;
  for (; isDigit(text.charCodeAt(end)); end++) value = (Math.imul(value, 10) + text.charCodeAt(end) - 48) | 0;
  return end === start ? undefined : { value, end };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** As x86 compares `char`; 0 behind the end. */
function signedByte(text: string, index: number): number {
  return index < text.length ? (text.charCodeAt(index) << 24) >> 24 : 0;
}

interface ExtensionPlace {
  readonly start: number;
  /** Offsets of the names of the hwcaps directories. */
  readonly hwcaps: readonly number[];
}

function encodeExtension({ generator = "", littleEndian }: LdSoCache, { start, hwcaps }: ExtensionPlace): Buffer {
  const sections = hwcaps.length === 0 ? 1 : 2;
  const hwcapsAt = EXTENSION_HEADER_SIZE + sections * SECTION_SIZE;
  const generatorAt = hwcapsAt + hwcaps.length * 4;
  const bytes = Buffer.alloc(generatorAt + generator.length);
  const put = writer(bytes, littleEndian);
  const putSection = (index: number, tag: number, at: number, size: number): void => {
    const section = EXTENSION_HEADER_SIZE + index * SECTION_SIZE;
    put(section, tag);
    put(section + 8, start + at);
    put(section + 12, size);
  };
  put(0, EXTENSION_MAGIC);
  put(4, sections);
  putSection(0, SECTION.generator, generatorAt, generator.length);
  if (hwcaps.length > 0) putSection(1, SECTION.hwcaps, hwcapsAt, hwcaps.length * 4);
  for (const [index, offset] of hwcaps.entries()) put(hwcapsAt + index * 4, offset);
  bytes.write(generator, generatorAt, "latin1");
  return bytes;
}

interface Extension {
  readonly hwcaps: readonly number[];
  readonly generator?: string;
}

/** Its offsets count from the start of the file, also where the cache stands behind an older one. */
function decodeExtension(bytes: Buffer, start: number, littleEndian: boolean): Extension {
  if (start === 0) return { hwcaps: [] };
  const get = reader(bytes, littleEndian);
  if (get(start) !== EXTENSION_MAGIC) throw invalid("its extension section is none");
  const sections = get(start + 4);
  const find = (tag: number): { readonly offset: number; readonly size: number } | undefined => {
    for (let index = 0; index < sections; index++) {
      const at = start + EXTENSION_HEADER_SIZE + index * SECTION_SIZE;
      if (get(at) !== tag) continue;
      const section = { offset: get(at + 8), size: get(at + 12) };
      if (section.offset + section.size > bytes.length) throw invalid("a section lies outside it");
      return section;
    }
    return undefined;
  };
  const hwcaps = find(SECTION.hwcaps) ?? { offset: 0, size: 0 };
  const generator = find(SECTION.generator);
  return {
    hwcaps: Array.from({ length: Math.floor(hwcaps.size / 4) }, (_, index) => get(hwcaps.offset + index * 4)),
    ...(generator === undefined
      ? {}
      : { generator: bytes.toString("latin1", generator.offset, generator.offset + generator.size) }),
  };
}

/** Where the cache begins: at 0, or behind the cache of the older format. */
function findCache(bytes: Buffer): number {
  if (hasMagic(bytes, 0, MAGIC)) return 0;
  if (!hasMagic(bytes, 0, OLD_MAGIC) || bytes.length < OLD_HEADER_SIZE) throw invalid("it is of an unknown format");
  for (const count of [bytes.readUInt32LE(12), bytes.readUInt32BE(12)]) {
    const end = OLD_HEADER_SIZE + count * OLD_ENTRY_SIZE;
    // Aligned as the architecture aligns 64-bit numbers.
    for (const alignment of [4, 8]) {
      const start = Math.ceil(end / alignment) * alignment;
      if (hasMagic(bytes, start, MAGIC)) return start;
    }
  }
  throw invalid("it is of glibc before 2.2");
}

/** Caches of before 2.33 do not say: then the order in which the number of entries fits. */
function isLittleEndian(bytes: Buffer): boolean {
  if (bytes.length < HEADER_SIZE) throw invalid("it is cut off");
  const mark = bytes.readUInt8(28) & ENDIAN.mask;
  if (mark === ENDIAN.little || mark === ENDIAN.big) return mark === ENDIAN.little;
  return HEADER_SIZE + bytes.readUInt32LE(20) * ENTRY_SIZE <= bytes.length;
}

function hasMagic(bytes: Buffer, offset: number, magic: string): boolean {
  return bytes.toString("latin1", offset, offset + magic.length) === magic;
}

function reader(bytes: Buffer, littleEndian: boolean): (offset: number) => number {
  return (offset) => {
    if (offset + 4 > bytes.length) throw invalid("it is cut off");
    return littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
  };
}

function writer(bytes: Buffer, littleEndian: boolean): (offset: number, value: number) => void {
  return (offset, value) =>
    void (littleEndian ? bytes.writeUInt32LE(value, offset) : bytes.writeUInt32BE(value, offset));
}

function invalid(why: string): ImageDslError {
  return new ImageDslError("E_ELF_INVALID", `Cannot read the loader's cache (ld.so.cache): ${why}`);
}
