/** A kernel as QEMU boots it fastest: unpacked. */
import { ImageDslError } from "../../../core/index.ts";
import { unpacked } from "./unpacked.ts";

/** A kernel is a tenth of it. */
const MAX_KERNEL = 512 * 1024 * 1024;

/**
 * The ELF inside an x86 kernel file (Linux, Documentation/arch/x86/boot.rst, "payload_offset"), which QEMU starts by its PVH note without a
 * boot loader; other kernels as they are. Throws `E_VM_KERNEL`.
 */
export async function unpackKernel(file: Buffer, name: string): Promise<Buffer> {
  if (file.length < 0x250 || file.toString("latin1", 0x202, 0x206) !== "HdrS") return file;
  const setup = (file.readUInt8(0x1f1) || 4) + 1;
  const start = setup * 512 + file.readUInt32LE(0x248);
  const length = file.readUInt32LE(0x24c);
  if (length <= 4 || start + length > file.length) {
    throw new ImageDslError("E_VM_KERNEL", `${name} is no whole Linux kernel: its payload reaches beyond its end`);
  }
  // The last four bytes are the payload's unpacked size.
  const payload = file.subarray(start, start + length - 4);
  return unpacked(payload, "zst", MAX_KERNEL);
}
