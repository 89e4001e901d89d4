/** The flags of a cache entry: which ABI a library has, so that a loader takes only its own kind. */
import type { ElfFile } from "../elf.ts";
import { MACHINE } from "../elf/header.ts";

/** "A library for libc.so.6", the type that every loader of today asks for. */
const LIBC6 = 3;
/** "Some ELF library": what ldconfig up to 2.36 says where it cannot see that libc.so.6 is needed. */
const UNKNOWN_LIBC = 1;

export interface CacheFlagsOptions {
  /** As ldconfig up to 2.36: libraries of the oldest ABIs that do not need libc themselves get a type of their own. */
  readonly untypedWithoutLibc?: boolean;
}

/** undefined: no ABI that glibc supports. */
export function cacheFlags(elf: ElfFile, options: CacheFlagsOptions = {}): number | undefined {
  const abi = abiFlags(elf);
  if (abi === undefined) return undefined;
  if (abi === 0 && options.untypedWithoutLibc && elf.machine !== MACHINE.arm && !needsLibc(elf)) return UNKNOWN_LIBC;
  return abi + LIBC6;
}

/** Machines whose libraries may stand in one cache: ldconfig of one reads the other's. */
export function machineFamily(machine: number): number {
  const families: Readonly<Record<number, number>> = {
    [MACHINE.i386]: MACHINE.x86_64,
    [MACHINE.arm]: MACHINE.aarch64,
    [MACHINE.ppc]: MACHINE.ppc64,
    [MACHINE.sparc]: MACHINE.sparcv9,
    [MACHINE.sparc32plus]: MACHINE.sparcv9,
  };
  return families[machine] ?? machine;
}

function abiFlags({ machine, bits, flags }: ElfFile): number | undefined {
  switch (machine) {
    case MACHINE.x86_64:
      return bits === 64 ? 0x300 : 0x800;
    case MACHINE.aarch64:
      return bits === 64 ? 0xa00 : undefined;
    case MACHINE.arm:
      return armFlags(flags);
    case MACHINE.ppc64:
      return 0x500;
    case MACHINE.s390:
      return bits === 64 ? 0x400 : 0;
    case MACHINE.riscv:
      return riscvFlags(flags);
    case MACHINE.loongarch:
      return loongarchFlags(flags);
    case MACHINE.mips:
      return mipsFlags(bits, flags);
    case MACHINE.sparcv9:
      return 0x100;
    case MACHINE.i386:
    case MACHINE.ppc:
    case MACHINE.sparc:
    case MACHINE.sparc32plus:
      return 0;
    default:
      return undefined;
  }
}

/** EABI version 5 marks the float ABI; an unmarked library fits both. */
function armFlags(flags: number): number {
  if (flags >>> 24 !== 5) return 0;
  if ((flags & 0x400) !== 0) return 0x900;
  return (flags & 0x200) !== 0 ? 0xb00 : 0;
}

/** Soft and double float alone; nothing but the float ABI and compressed instructions may be marked. */
function riscvFlags(flags: number): number | undefined {
  if ((flags & ~7) !== 0) return undefined;
  const float = flags & 6;
  if (float === 0) return 0xf00;
  return float === 4 ? 0x1000 : undefined;
}

function loongarchFlags(flags: number): number | undefined {
  const float = flags & 7;
  if (float === 1) return 0x1100;
  return float === 3 ? 0x1200 : undefined;
}

function mipsFlags(bits: 32 | 64, flags: number): number {
  const nan2008 = (flags & 0x400) !== 0;
  if (bits === 64) return nan2008 ? 0xe00 : 0x700;
  const n32 = (flags & 0x20) !== 0;
  if (n32) return nan2008 ? 0xd00 : 0x600;
  return nan2008 ? 0xc00 : 0;
}

function needsLibc({ needed, interpreter }: ElfFile): boolean {
  return needed.includes("libc.so.6") || needed.includes("libm.so.6") || interpreter === "/lib/ld-linux.so.2";
}
