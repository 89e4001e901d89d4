/**
 * The GNU property note (Linux extensions to the gABI, "Program Property"): here only which x86-64
 * micro-architecture level a file needs, as ldconfig records it for libraries in glibc-hwcaps directories.
 */
import { Fields, MACHINE, SEGMENT, type ElfHeader } from "./header.ts";
import type { ByteSource } from "./input.ts";

const NOTE_LIMIT = 65536;
const NOTE_TYPE = 5;
const X86_ISA_NEEDED = 0xc0008002;

/** 0 where the note is missing or malformed: then ldconfig ignores it too. */
export function readIsaLevel(source: ByteSource, { machine, bits, littleEndian, segments }: ElfHeader): number {
  if (machine !== MACHINE.x86_64 && machine !== MACHINE.i386) return 0;
  const segment = segments.find(({ type }) => type === SEGMENT.property);
  const alignment = bits / 8;
  if (segment === undefined || segment.alignment !== alignment) return 0;
  if (segment.fileSize > NOTE_LIMIT || segment.offset + segment.fileSize > source.size) return 0;
  const fields = new Fields(source.read(segment.offset, segment.fileSize), littleEndian);
  const description = findNote(fields, alignment);
  return description === undefined ? 0 : highestBit(neededIsa(description, alignment));
}

function findNote(fields: Fields, alignment: number): Fields | undefined {
  const { bytes } = fields;
  for (let offset = 0; offset + 16 <= bytes.length;) {
    const nameSize = fields.u32(offset);
    const size = fields.u32(offset + 4);
    const start = alignUp(offset + 12 + nameSize, alignment);
    if (start + size > bytes.length) return undefined;
    const isGnu = nameSize === 4 && bytes.toString("latin1", offset + 12, offset + 16) === "GNU\0";
    if (isGnu && fields.u32(offset + 8) === NOTE_TYPE) return fields.slice(start, start + size);
    offset = alignUp(start + size, alignment);
  }
  return undefined;
}

function neededIsa(fields: Fields, alignment: number): number {
  for (let offset = 0; offset + 8 <= fields.bytes.length;) {
    const size = fields.u32(offset + 4);
    if (offset + 8 + size > fields.bytes.length) return 0;
    if (fields.u32(offset) === X86_ISA_NEEDED) return size === 4 ? fields.u32(offset + 8) : 0;
    offset += 8 + alignUp(size, alignment);
  }
  return 0;
}

function highestBit(bits: number): number {
  return bits === 0 ? 0 : 31 - Math.clz32(bits);
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
