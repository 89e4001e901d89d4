/**
 * A bounded, strict reader of ELF files (System V gABI, chapters 4 and 5): what a dynamic loader and ldconfig look
 * at, of either class and byte order. Sections are never read, so stripped files do as well.
 */
import type { FileEntry, HostPath } from "../model/entry.ts";
import { oncePerContent } from "../tree/once-per-content.ts";
import { readDynamic } from "./elf/dynamic.ts";
import { SEGMENT, isElf, readHeader, type ElfHeader } from "./elf/header.ts";
import { invalidElf, withEntryBytes, withHostBytes, type ByteSource } from "./elf/input.ts";
import { readIsaLevel } from "./elf/property.ts";

export type { ByteSource } from "./elf/input.ts";
export { withEntryBytes, withHostBytes } from "./elf/input.ts";
export { MACHINE, type ElfHeader } from "./elf/header.ts";
export { readLoaderDefaults, type LoaderDefaults } from "./elf/loader.ts";

/** All names and paths are byte strings. */
export interface ElfFile extends Omit<ElfHeader, "segments"> {
  /** PT_INTERP: the dynamic loader's path. */
  readonly interpreter?: string;
  /** There is a dynamic section. */
  readonly dynamic: boolean;
  /** Neither an interpreter nor a needed library: nothing of the C library's can be put between it and the kernel. */
  readonly static: boolean;
  /** DT_NEEDED, in the file's order. */
  readonly needed: readonly string[];
  /** DT_FILTER: libraries that stand in for this one, and without which it cannot be. */
  readonly filters: readonly string[];
  /** DT_AUXILIARY: libraries that stand in for this one where they are there. */
  readonly auxiliaries: readonly string[];
  /** DT_SONAME: what others call it in `needed`; undefined of programs and most plugins. */
  readonly soname?: string;
  /** DT_RPATH, with its colons. */
  readonly rpath?: string;
  /** DT_RUNPATH, with its colons. */
  readonly runpath?: string;
  /** DF_1_NODEFLIB: neither the cache nor the default directories are searched for what it needs. */
  readonly noDefaultDirectories: boolean;
  /** The highest x86-64 micro-architecture level that the file says it needs: 0 is the baseline, 2 is v3. */
  readonly isaLevel: number;
}

/** The longest interpreter path that is believed; Linux's own PATH_MAX. */
const INTERPRETER_LIMIT = 4096;

/** Reads an ELF file. Throws `E_ELF_INVALID`; `name` is what the message calls the file. */
export function readElf(source: ByteSource, name: string): ElfFile {
  const { segments, ...header } = readHeader(source, name);
  const interpreter = readInterpreter(source, segments, name);
  const dynamic = readDynamic(source, { ...header, segments }, name);
  return {
    ...header,
    ...(interpreter === undefined ? {} : { interpreter }),
    dynamic: dynamic !== undefined,
    static: interpreter === undefined && (dynamic?.needed.length ?? 0) === 0,
    needed: [],
    filters: [],
    auxiliaries: [],
    noDefaultDirectories: false,
    ...dynamic,
    isaLevel: readIsaLevel(source, { ...header, segments }),
  };
}

/** Reads a tree's file; undefined where it does not begin as an ELF file does. Throws `E_ELF_INVALID`. */
export const readElfEntry = oncePerContent((entry: FileEntry, name: string): ElfFile | undefined =>
  withEntryBytes(entry, (source) => (isElf(source) ? readElf(source, name) : undefined)),
);

/** Reads a file of the host; undefined where it does not begin as an ELF file does. Throws `E_ELF_INVALID`. */
export function readElfOfHost(file: HostPath, name: string = file): ElfFile | undefined {
  return withHostBytes(file, (source) => (isElf(source) ? readElf(source, name) : undefined));
}

function readInterpreter(source: ByteSource, segments: ElfHeader["segments"], name: string): string | undefined {
  const segment = segments.find(({ type }) => type === SEGMENT.interpreter);
  if (segment === undefined) return undefined;
  if (segment.fileSize < 2 || segment.fileSize > INTERPRETER_LIMIT || segment.offset + segment.fileSize > source.size) {
    throw invalidElf(name, "its interpreter lies outside the file or is too long");
  }
  const text = source.read(segment.offset, segment.fileSize).toString("latin1");
  const end = text.indexOf("\0");
  if (end < 1) throw invalidElf(name, "its interpreter is empty or does not end");
  return text.slice(0, end);
}
