/** The ELF header and the program headers (gABI, "ELF Header" and "Program Header"). */
import { invalidElf, type ByteSource } from "./input.ts";

export interface ElfHeader {
  /** Word size in bits. */
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_machine. */
  readonly machine: number;
  /** Go's name of the architecture, where it has one: `amd64`, `arm64`, `ppc64le`, … */
  readonly architecture?: string;
  readonly type: "executable" | "shared" | "other";
  /** e_flags: the ABI within an architecture. */
  readonly flags: number;
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly alignment: number;
}

/** e_machine of the architectures that glibc and Go know. */
export const MACHINE = Object.freeze({
  sparc: 2,
  i386: 3,
  mips: 8,
  sparc32plus: 18,
  ppc: 20,
  ppc64: 21,
  s390: 22,
  arm: 40,
  sparcv9: 43,
  x86_64: 62,
  aarch64: 183,
  riscv: 243,
  loongarch: 258,
});

/** p_type. */
export const SEGMENT = Object.freeze({ load: 1, dynamic: 2, interpreter: 3, property: 0x6474e553 });

/** Real files have up to about 15. */
const SEGMENT_LIMIT = 512;

const MAGIC = Buffer.from("\x7fELF", "latin1");

export function isElf(source: ByteSource): boolean {
  return source.size >= MAGIC.length && source.read(0, MAGIC.length).equals(MAGIC);
}

/** Throws `E_ELF_INVALID`. */
export function readHeader(source: ByteSource, name: string): ElfHeader {
  if (!isElf(source)) throw invalidElf(name, "it does not begin with the ELF magic number");
  const identity = source.size < 16 ? undefined : source.read(0, 16);
  const [bitsByte, orderByte, version] = [identity?.[4], identity?.[5], identity?.[6]];
  if ((bitsByte !== 1 && bitsByte !== 2) || (orderByte !== 1 && orderByte !== 2) || version !== 1) {
    throw invalidElf(name, "its class, byte order or version is unknown");
  }
  const bits = bitsByte === 1 ? 32 : 64;
  const littleEndian = orderByte === 1;
  const headerSize = bits === 32 ? 52 : 64;
  if (source.size < headerSize) throw invalidElf(name, "its header is cut off");

  const fields = new Fields(source.read(0, headerSize), littleEndian);
  const machine = fields.u16(18);
  const architecture = architectureOf(machine, bits, littleEndian);
  const [tableAt, flagsAt] = bits === 32 ? [28, 36] : [32, 48];
  const table = fields.word(tableAt, bits);
  const entrySize = fields.u16(flagsAt + 6);
  const count = fields.u16(flagsAt + 8);
  return {
    bits,
    littleEndian,
    machine,
    ...(architecture === undefined ? {} : { architecture }),
    type: typeOf(fields.u16(16)),
    flags: fields.u32(flagsAt),
    segments: readSegments(source, { table, entrySize, count, bits, littleEndian }, name),
  };
}

interface SegmentTable {
  readonly table: number;
  readonly entrySize: number;
  readonly count: number;
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

function readSegments(
  source: ByteSource,
  { table, entrySize, count, bits, littleEndian }: SegmentTable,
  name: string,
): Segment[] {
  if (count === 0) return [];
  if (entrySize !== (bits === 32 ? 32 : 56)) throw invalidElf(name, `its program headers are ${entrySize} bytes each`);
  if (count > SEGMENT_LIMIT) throw invalidElf(name, `it has ${count} program headers`);
  if (table + count * entrySize > source.size) throw invalidElf(name, "its program headers lie outside the file");
  const bytes = source.read(table, count * entrySize);
  return Array.from({ length: count }, (_, index) => {
    const fields = new Fields(bytes.subarray(index * entrySize, (index + 1) * entrySize), littleEndian);
    const [offset, address, fileSize, alignment] = bits === 32 ? [4, 8, 16, 28] : [8, 16, 32, 48];
    return {
      type: fields.u32(0),
      offset: fields.word(offset, bits),
      address: fields.word(address, bits),
      fileSize: fields.word(fileSize, bits),
      alignment: fields.word(alignment, bits),
    };
  });
}

/** Numbers of either byte order. Those of 64 bits become doubles: what is not exact lies outside every file anyway. */
export class Fields {
  readonly bytes: Buffer;
  readonly #littleEndian: boolean;

  constructor(bytes: Buffer, littleEndian: boolean) {
    this.bytes = bytes;
    this.#littleEndian = littleEndian;
  }

  slice(start: number, end: number): Fields {
    return new Fields(this.bytes.subarray(start, end), this.#littleEndian);
  }

  u16(offset: number): number {
    return this.#littleEndian ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    return this.#littleEndian ? this.bytes.readUInt32LE(offset) : this.bytes.readUInt32BE(offset);
  }

  u64(offset: number): number {
    const [high, low] = this.#littleEndian ? [offset + 4, offset] : [offset, offset + 4];
    return this.u32(high) * 2 ** 32 + this.u32(low);
  }

  word(offset: number, bits: 32 | 64): number {
    return bits === 32 ? this.u32(offset) : this.u64(offset);
  }
}

function typeOf(type: number): ElfHeader["type"] {
  if (type === 2) return "executable";
  return type === 3 ? "shared" : "other";
}

function architectureOf(machine: number, bits: 32 | 64, littleEndian: boolean): string | undefined {
  switch (machine) {
    case MACHINE.i386:
      return "386";
    case MACHINE.x86_64:
      return bits === 64 ? "amd64" : "amd64p32";
    case MACHINE.arm:
      return littleEndian ? "arm" : "armbe";
    case MACHINE.aarch64:
      return littleEndian ? "arm64" : "arm64be";
    case MACHINE.ppc:
      return "ppc";
    case MACHINE.ppc64:
      return littleEndian ? "ppc64le" : "ppc64";
    case MACHINE.s390:
      return bits === 64 ? "s390x" : "s390";
    case MACHINE.riscv:
      return bits === 64 ? "riscv64" : "riscv";
    case MACHINE.loongarch:
      return bits === 64 ? "loong64" : undefined;
    case MACHINE.mips:
      return `mips${bits === 64 ? "64" : ""}${littleEndian ? "le" : ""}`;
    case MACHINE.sparcv9:
      return "sparc64";
    case MACHINE.sparc:
    case MACHINE.sparc32plus:
      return "sparc";
    default:
      return undefined;
  }
}
