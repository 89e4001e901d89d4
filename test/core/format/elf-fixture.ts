/** Makes small ELF objects of any class, byte order and machine, whole enough for readelf, ldconfig and the dynamic loader. */

export interface ElfFixture {
  readonly bits?: 32 | 64;
  readonly littleEndian?: boolean;
  readonly machine?: number;
  /** e_type: 2 executable, 3 shared. */
  readonly type?: number;
  readonly flags?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  /** DT_FILTER. */
  readonly filters?: readonly string[];
  /** DT_AUXILIARY. */
  readonly auxiliaries?: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly flags1?: number;
  /** A version of a symbol that it needs of the first library in `needed`: `GLIBC_2.38`. */
  readonly neededVersion?: string;
  /** A version of symbols that it has. */
  readonly definedVersion?: string;
  /** GNU_PROPERTY_X86_ISA_1_NEEDED. */
  readonly isaNeeded?: number;
  /** false: a static program. */
  readonly dynamic?: boolean;
}

const BASE = 0x10000;
const PAGE = 0x1000;

export function makeElf(options: ElfFixture = {}): Buffer {
  const { bits = 64, littleEndian = true, machine = 62, type = 3, flags = 0, dynamic = true, needed = [] } = options;
  const word = bits / 8;
  const bytes = Buffer.alloc(2 * PAGE);
  const put = (offset: number, value: number, size: number): void => {
    const low = littleEndian ? offset : offset + size - Math.min(size, 4);
    if (size === 2) void (littleEndian ? bytes.writeUInt16LE(value, offset) : bytes.writeUInt16BE(value, offset));
    else void (littleEndian ? bytes.writeUInt32LE(value, low) : bytes.writeUInt32BE(value, low));
  };

  // Strings, with an empty one first.
  let stringsEnd = 1;
  const stringsAt = 0x800;
  const string = (text: string): number => {
    const at = stringsEnd;
    bytes.write(`${text}\0`, stringsAt + at, "latin1");
    stringsEnd += text.length + 1;
    return at;
  };
  const tags: [number, number][] = needed.map((name) => [1, string(name)]);
  for (const name of options.filters ?? []) tags.push([0x7fffffff, string(name)]);
  for (const name of options.auxiliaries ?? []) tags.push([0x7ffffffd, string(name)]);
  if (options.soname !== undefined) tags.push([14, string(options.soname)]);
  if (options.rpath !== undefined) tags.push([15, string(options.rpath)]);
  if (options.runpath !== undefined) tags.push([29, string(options.runpath)]);
  if (options.flags1 !== undefined) tags.push([0x6ffffffb, options.flags1]);
  const [symbolsAt, hashAt, interpreterAt, noteAt, versionsAt, dynamicAt] = [0x400, 0x440, 0x480, 0x580, 0x600, PAGE];
  const put32 = (at: number, values: readonly number[]): void =>
    values.forEach((value, index) => put(at + 4 * index, value, 4));
  if (options.neededVersion !== undefined) {
    // Elf64_Verneed and its one Elf64_Vernaux, the same in either class.
    put(versionsAt, 1, 2);
    put(versionsAt + 2, 1, 2);
    put32(versionsAt + 4, [1, 16, 0]);
    put32(versionsAt + 24, [string(options.neededVersion), 0]);
    tags.push([0x6ffffffe, BASE + versionsAt], [0x6fffffff, 1]);
  }
  if (options.definedVersion !== undefined) {
    const at = versionsAt + 0x40;
    put(at, 1, 2);
    put(at + 6, 1, 2);
    put32(at + 12, [20, 0, string(options.definedVersion), 0]);
    tags.push([0x6ffffffc, BASE + at], [0x6ffffffd, 1]);
  }
  tags.push(
    [5, BASE + stringsAt],
    [10, stringsEnd],
    [6, BASE + symbolsAt],
    [11, bits === 64 ? 24 : 16],
    [4, BASE + hashAt],
    [0, 0],
  );
  put(hashAt, 1, 4);
  put(hashAt + 4, 1, 4);

  const segments: { type: number; flags: number; at: number; size: number; alignment: number }[] = [
    { type: 1, flags: 6, at: 0, size: bytes.length, alignment: PAGE },
  ];
  if (dynamic) {
    for (const [index, [tag, value]] of tags.entries()) {
      put(dynamicAt + index * 2 * word, tag, word);
      put(dynamicAt + index * 2 * word + word, value, word);
    }
    segments.push({ type: 2, flags: 6, at: dynamicAt, size: tags.length * 2 * word, alignment: word });
  }
  if (options.interpreter !== undefined) {
    bytes.write(`${options.interpreter}\0`, interpreterAt, "latin1");
    segments.push({ type: 3, flags: 4, at: interpreterAt, size: options.interpreter.length + 1, alignment: 1 });
  }
  if (options.isaNeeded !== undefined) {
    const description = 8 + Math.ceil(4 / word) * word;
    [4, description, 5].forEach((value, index) => put(noteAt + index * 4, value, 4));
    bytes.write("GNU\0", noteAt + 12, "latin1");
    [0xc0008002, 4, options.isaNeeded].forEach((value, index) => put(noteAt + 16 + index * 4, value, 4));
    segments.push({ type: 0x6474e553, flags: 4, at: noteAt, size: 16 + description, alignment: word });
  }

  bytes.write("\x7fELF", 0, "latin1");
  bytes.set([bits === 32 ? 1 : 2, littleEndian ? 1 : 2, 1], 4);
  const headerSize = bits === 32 ? 52 : 64;
  const segmentSize = bits === 32 ? 32 : 56;
  put(16, type, 2);
  put(18, machine, 2);
  put(20, 1, 4);
  put(bits === 32 ? 28 : 32, headerSize, word);
  const tail = bits === 32 ? 36 : 48;
  put(tail, flags, 4);
  [headerSize, segmentSize, segments.length, bits === 32 ? 40 : 64].forEach((value, index) =>
    put(tail + 4 + index * 2, value, 2),
  );
  for (const [index, segment] of segments.entries()) {
    const at = headerSize + index * segmentSize;
    put(at, segment.type, 4);
    const fields = [segment.at, BASE + segment.at, BASE + segment.at, segment.size, segment.size];
    const start = bits === 32 ? at + 4 : at + 8;
    fields.forEach((value, field) => put(start + field * word, value, word));
    if (bits === 64) put(at + 4, segment.flags, 4);
    else put(at + 24, segment.flags, 4);
    put(bits === 32 ? at + 28 : at + 48, segment.alignment, word);
  }
  return bytes;
}
