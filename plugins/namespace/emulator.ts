/**
 * Programs of another architecture, run by QEMU's user-mode emulator: the kernel starts it for them (Linux, admin-guide/binfmt-misc), and
 * since 6.7 a user namespace says so for itself alone, whatever the host's own settings are.
 */
import {
  architectureOfNode,
  findProgram,
  hostArchitecture,
  hostPath,
  kernelRelease,
  readElfOfHost,
  type HostTool,
  type Platform,
} from "../../core/index.ts";

/** Architectures that virtual machines run too, by Go's names: QEMU's, and the number in ELF headers. */
const EMULATED = { amd64: { qemu: "x86_64", elf: 62 }, arm64: { qemu: "aarch64", elf: 183 } } as const;

type Emulated = keyof typeof EMULATED;

export const EMULATED_ARCHITECTURES = Object.keys(EMULATED) as readonly Emulated[];

export interface Emulator {
  /** Of the host. It needs no library, since it runs in images that lack it. */
  readonly tool: HostTool;
  readonly path: string;
  /** What tells the kernel of it: a line for `register`. */
  readonly format: string;
}

/** The name of its file where the kernel is told of it. */
export const EMULATOR = "emulator";

/** Where the kernel cannot be told at all. */
const FIRST_KERNEL = [6, 7] as const;

export function hostPlatform(): Platform {
  return { os: "linux", architecture: architectureOfNode(hostArchitecture()) };
}

export interface NoEmulator {
  readonly why: string;
  /** Where a program would do. */
  readonly mend?: string;
}

/** Of another platform than the host's. */
export function findEmulator({ os, architecture }: Platform): Emulator | NoEmulator {
  if (os !== "linux" || !isEmulated(architecture)) return { why: "nothing here runs its programs" };
  const [major = 0, minor = 0] = kernelRelease().split(/[.-]/).map(Number);
  const [firstMajor, firstMinor] = FIRST_KERNEL;
  if (major < firstMajor || (major === firstMajor && minor < firstMinor))
    return { why: `user namespaces run its programs from Linux ${FIRST_KERNEL.join(".")} on` };
  const { qemu, elf } = EMULATED[architecture];
  const names = [`qemu-${qemu}-static`, `qemu-${qemu}`] as const;
  for (const name of names) {
    const path = findProgram(name);
    if (path === undefined || readElfOfHost(hostPath(path))?.static !== true) continue;
    return { tool: emulatorTool(name, architecture), path, format: formatOf(elf) };
  }
  const [name] = names;
  const { mend } = emulatorTool(name, architecture);
  return { why: `no ${name}, which would run its programs, is in PATH`, mend };
}

export function emulatorTool(name: string, architecture: Emulated): HostTool {
  return {
    name,
    purpose: `scripts of images for ${architecture} with executor: "namespace"`,
    mend: "Install QEMU's user-mode emulators that need no library (on Debian: apt-get install qemu-user-static)",
  };
}

function isEmulated(architecture: string): architecture is Emulated {
  return Object.hasOwn(EMULATED, architecture);
}

/** 64 bits, little-endian, of that machine; a program (2) or one that lies anywhere (3). What differs from system to system is let be. */
function formatOf(machine: number): string {
  const ident = [0x7f, ...Buffer.from("ELF"), 2, 1, 1];
  const any = Array.from<number>({ length: 16 - ident.length }).fill(0);
  const magic = [...ident, ...any, 2, 0, machine, 0];
  const mask = [...ident.map(() => 0xff), ...any, 0xfe, 0xff, 0xff, 0xff];
  // P: with the name that it was called by. O, C: also what its user may not read. F: from where it is now.
  return `:image:M::${escaped(magic)}:${escaped(mask)}:./${EMULATOR}:POCF`;
}

function escaped(bytes: readonly number[]): string {
  return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
