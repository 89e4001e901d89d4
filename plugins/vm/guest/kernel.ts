/** A kernel as QEMU boots it fastest, unpacked, and which Linux it is. */
import { ImageDslError } from "../../../core/index.ts";
import type { GuestArchitecture } from "./architecture.ts";
import { unpacked } from "./unpacked.ts";

export interface Kernel {
  readonly image: Buffer;
  /** Such as `6.12.48+deb13-cloud-amd64`. */
  readonly release: string;
}

/** Kinds of kernel files, by what they begin with. */
const IS_KERNEL: Readonly<Record<GuestArchitecture["name"], (file: Buffer) => boolean>> = {
  amd64: (file) => isBzImage(file) || (file.readUInt32BE(0) === ELF && file.readUInt16LE(18) === ELF_X86_64),
  // Linux, Documentation/arch/arm64/booting.rst
  arm64: (file) => file.toString("latin1", 0x38, 0x3c) === "ARM\x64",
};

const ELF = 0x7f454c46;
const ELF_X86_64 = 62;

/** Throws `E_VM_KERNEL` for what is no kernel of this architecture. `name`: the file's, for messages. */
export async function readKernel(
  file: Buffer,
  name: string,
  { name: architecture }: GuestArchitecture,
): Promise<Kernel> {
  // Kernels for arm64 are compressed as a whole.
  const whole = await unpacked(file, "vm.kernel");
  const isKernel = (wanted: GuestArchitecture["name"]): boolean => whole.length > 0x264 && IS_KERNEL[wanted](whole);
  if (!isKernel(architecture)) {
    const other = (["amd64", "arm64"] as const).find(isKernel);
    const what = other === undefined ? "no Linux kernel" : `a Linux kernel for ${other}, and not one`;
    throw new ImageDslError("E_VM_KERNEL", `"${name}" is ${what} for ${architecture}`, {
      hint: "Name a bzImage or vmlinux for amd64, an Image for arm64, as Debian's packages have them in /boot",
    });
  }
  const image = isBzImage(whole) ? await fromBzImage(whole, name) : whole;
  const release = releaseOf(image) ?? releaseOf(whole);
  if (release !== undefined) return { image, release };
  throw new ImageDslError("E_VM_KERNEL", `"${name}" does not say which version of Linux it is`);
}

function isBzImage(file: Buffer): boolean {
  return file.toString("latin1", 0x202, 0x206) === "HdrS";
}

/**
 * The ELF inside an x86 kernel file (Linux, Documentation/arch/x86/boot.rst, "payload_offset"), which QEMU starts by its PVH note without a
 * boot loader. Where it has none, or is compressed in another way than we can read, the file as it is.
 */
async function fromBzImage(file: Buffer, name: string): Promise<Buffer> {
  const setup = (file.readUInt8(0x1f1) || 4) + 1;
  const start = setup * 512 + file.readUInt32LE(0x248);
  const length = file.readUInt32LE(0x24c);
  if (length <= 4 || start + length > file.length) {
    throw new ImageDslError("E_VM_KERNEL", `"${name}" is no whole Linux kernel: its payload reaches beyond its end`);
  }
  // The last four bytes are the payload's unpacked size.
  const payload = file.subarray(start, start + length - 4);
  const image = await unpacked(payload, "vm.kernel").catch(() => payload);
  return image.includes(PVH_NOTE) ? image : file;
}

/** Type and owner of an ELF note (Xen, elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY). */
const PVH_NOTE = Buffer.from("\x12\0\0\0Xen\0", "latin1");

function releaseOf(kernel: Buffer): string | undefined {
  const banner = "Linux version ";
  const at = kernel.indexOf(banner, 0, "latin1");
  const text = at >= 0 ? kernel.toString("latin1", at + banner.length, at + 256) : headersVersion(kernel);
  return /^(\d\S*) /.exec(text)?.[1];
}

/** In the header of an x86 kernel file, "kernel_version". */
function headersVersion(file: Buffer): string {
  if (!isBzImage(file)) return "";
  const at = file.readUInt16LE(0x20e) + 0x200;
  return file.toString("latin1", at, at + 128);
}
