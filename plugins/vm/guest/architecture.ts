/** Architectures that there are virtual machines for: each runs programs of its own alone. */
import { ImageDslError, platformText, type HostTool, type Platform } from "../../../core/index.ts";

export interface GuestArchitecture {
  /** Go's name. */
  readonly name: "amd64" | "arm64";
  /** The QEMU that emulates it on any host. */
  readonly qemu: HostTool;
  /** Debian's package of the kernel for virtual machines. */
  readonly kernelPackage: string;
  /** Board and processor: the same on every host. */
  readonly machine: string;
  readonly processor: string;
  /** The host, as Node names it, whose KVM can run it, and the processor that it is then shown. */
  readonly kvm?: { readonly host: string; readonly processor: string };
  /** Its first serial port, as the kernel names it, and what else it is told. */
  readonly kernelArguments: string;
}

const AMD64: GuestArchitecture = Object.freeze({
  name: "amd64",
  qemu: qemu("qemu-system-x86_64", "amd64", "qemu-system-x86"),
  kernelPackage: "linux-image-cloud-amd64",
  machine: "q35",
  processor: "max",
  // What images for amd64/v3 need, and the same on every host that has as much.
  kvm: { host: "x64", processor: "Haswell-noTSX" },
  kernelArguments: "console=ttyS0 no_timer_check",
});

const ARM64: GuestArchitecture = Object.freeze({
  name: "arm64",
  qemu: qemu("qemu-system-aarch64", "arm64", "qemu-system-arm"),
  kernelPackage: "linux-image-cloud-arm64",
  // Its description of itself would bring random numbers that a snapshot keeps.
  machine: "virt,gic-version=3,dtb-randomness=off",
  // "max" signs pointers in a way that takes most of the time to emulate.
  processor: "cortex-a57",
  kernelArguments: "console=ttyAMA0",
});

export const GUEST_ARCHITECTURES: readonly GuestArchitecture[] = [AMD64, ARM64];

/** What the processors above can run. */
const RUN: Readonly<Record<string, GuestArchitecture>> = {
  "linux/amd64": AMD64,
  "linux/amd64/v1": AMD64,
  "linux/amd64/v2": AMD64,
  "linux/amd64/v3": AMD64,
  "linux/arm64": ARM64,
  "linux/arm64/v8": ARM64,
};

/** Throws `E_RUNNER_UNSUPPORTED`. */
export function guestArchitecture(platform: Platform): GuestArchitecture {
  const found = RUN[platformText(platform)];
  if (found !== undefined) return found;
  throw new ImageDslError("E_RUNNER_UNSUPPORTED", `There is no virtual machine for ${platformText(platform)}`, {
    hint: `Scripts run as root for ${Object.keys(RUN).join(", ")}`,
  });
}

function qemu(name: string, architecture: string, debianPackage: string): HostTool {
  return Object.freeze({
    name,
    purpose: `runAsRoot of images for ${architecture}`,
    mend: `Install QEMU (on Debian: apt-get install ${debianPackage}; without root: plugins/vm/README.md)`,
  });
}
