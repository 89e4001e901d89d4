/** The dynamic section (gABI, "Dynamic Section"), found through its segment as a loader finds it. */
import { SEGMENT, Fields, type ElfHeader, type Segment } from "./header.ts";
import { invalidElf, type ByteSource } from "./input.ts";

export interface Dynamic {
  readonly needed: readonly string[];
  /** DT_FILTER: libraries that stand in for this one, and without which it cannot be. */
  readonly filters: readonly string[];
  /** DT_AUXILIARY: libraries that stand in for this one where they are there. */
  readonly auxiliaries: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly noDefaultDirectories: boolean;
}

const TAG = Object.freeze({
  null: 0,
  needed: 1,
  strings: 5,
  stringsSize: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  auxiliary: 0x7ffffffd,
  filter: 0x7fffffff,
});
const NO_DEFAULT_DIRECTORIES = 0x800;

/** Bytes: real sections hold some dozens of entries, those of very large programs some hundreds. */
const SECTION_LIMIT = 1024 * 1024;
/** Real files need up to some hundreds. */
const NEEDED_LIMIT = 1024;
/** Bytes of one name or search path. */
const STRING_LIMIT = 32768;
/** Bytes of all of them, which may share what stands in the file. */
const STRINGS_LIMIT = 256 * 1024;
/** Bytes looked at in one go while a name's end is sought; nearly every name is shorter. */
const STRING_STEP = 256;

/** undefined where there is none. Throws `E_ELF_INVALID`. */
export function readDynamic(source: ByteSource, header: ElfHeader, name: string): Dynamic | undefined {
  const segment = header.segments.find(({ type, fileSize }) => type === SEGMENT.dynamic && fileSize > 0);
  if (segment === undefined) return undefined;
  const tags = readTags(source, header, segment, name);

  const strings = stringTable(source, header, tags, name);
  let left = STRINGS_LIMIT;
  const text = (offset: number): string => {
    const found = readString(source, strings, offset, name);
    left -= found.length;
    if (left < 0) throw invalidElf(name, "the names of its dynamic section are too long together");
    return found;
  };
  const optional = (key: "soname" | "rpath" | "runpath") => {
    const value = tags.find(([tag]) => tag === TAG[key])?.[1];
    return value === undefined ? {} : { [key]: text(value) };
  };
  const all = (key: "needed" | "filter" | "auxiliary"): readonly string[] => {
    const values = tags.filter(([tag]) => tag === TAG[key]);
    if (values.length > NEEDED_LIMIT) throw invalidElf(name, `it names ${values.length} libraries`);
    return values.map(([, value]) => text(value));
  };
  const flags = tags.find(([tag]) => tag === TAG.flags1)?.[1] ?? 0;
  return {
    needed: all("needed"),
    filters: all("filter"),
    auxiliaries: all("auxiliary"),
    ...optional("soname"),
    ...optional("rpath"),
    ...optional("runpath"),
    noDefaultDirectories: (flags & NO_DEFAULT_DIRECTORIES) !== 0,
  };
}

type Tag = readonly [tag: number, value: number];

function readTags(source: ByteSource, { bits, littleEndian }: ElfHeader, segment: Segment, name: string): Tag[] {
  if (segment.fileSize > SECTION_LIMIT || segment.offset + segment.fileSize > source.size) {
    throw invalidElf(name, "its dynamic section lies outside the file or is too large");
  }
  const fields = new Fields(source.read(segment.offset, segment.fileSize), littleEndian);
  const half = bits / 8;
  const tags: Tag[] = [];
  for (let offset = 0; offset + 2 * half <= segment.fileSize; offset += 2 * half) {
    const tag = fields.word(offset, bits);
    if (tag === TAG.null) break;
    tags.push([tag, fields.word(offset + half, bits)]);
  }
  return tags;
}

interface StringTable {
  readonly offset: number;
  readonly size: number;
}

/** Where the names are in the file: the dynamic section gives the address that they are loaded at. */
function stringTable(source: ByteSource, { segments }: ElfHeader, tags: readonly Tag[], name: string): StringTable {
  const address = tags.find(([tag]) => tag === TAG.strings)?.[1];
  if (address === undefined) throw invalidElf(name, "its dynamic section has no string table");
  const load = segments.find(
    (segment) =>
      segment.type === SEGMENT.load && address >= segment.address && address - segment.address < segment.fileSize,
  );
  if (load === undefined) throw invalidElf(name, "its dynamic string table is in no loaded segment");
  const offset = load.offset + (address - load.address);
  const size = tags.find(([tag]) => tag === TAG.stringsSize)?.[1] ?? 0;
  if (offset + size > source.size) throw invalidElf(name, "its dynamic string table lies outside the file");
  return { offset, size };
}

function readString(source: ByteSource, table: StringTable, at: number, name: string): string {
  let text = "";
  for (let position = at; position < table.size && text.length < STRING_LIMIT; position += STRING_STEP) {
    const piece = source.read(table.offset + position, Math.min(STRING_STEP, table.size - position)).toString("latin1");
    const end = piece.indexOf("\0");
    if (end >= 0) return text + piece.slice(0, end);
    text += piece;
  }
  throw invalidElf(name, "a name of its dynamic section does not end within the string table");
}
