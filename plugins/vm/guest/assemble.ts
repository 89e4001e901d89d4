/** The guest's kernel and initramfs, from Debian's packages, kept in the store. */
import {
  ImageDslError,
  canonicalJson,
  digestOf,
  madeFile,
  nameStartsWith,
  readWhole,
  treeDigest,
  treePath,
  type Digest,
  type FileEntry,
  type FileTree,
  type Store,
} from "../../../core/index.ts";
import { UNCONNECTED, machineArguments } from "../qemu/arguments.ts";
import type { GuestArchitecture } from "./architecture.ts";
import { initramfs, proofInitramfs } from "./initramfs.ts";
import { unpackKernel } from "./kernel.ts";

export interface Guest {
  readonly architecture: GuestArchitecture;
  /** Paths in the store. */
  readonly kernel: string;
  readonly initramfs: string;
  /** An initramfs that shows that a machine runs at all; made when it is asked for. */
  readonly proof: () => Promise<string>;
  /** Of the machine and all that is in it. */
  readonly identity: Digest;
}

/** What the guest is made of: the kernel for virtual machines, what starts it, who sends the result, and tools for images without. */
export function guestPackages({ kernelPackage }: GuestArchitecture) {
  return {
    suite: "trixie",
    // tiny-initramfs stands for what Debian would make an initramfs with: of those it is the smallest.
    packages: [kernelPackage, "tiny-initramfs", "busybox-static", "tar", "bash-static", "coreutils", "passwd"],
  };
}

export async function assembleGuest(architecture: GuestArchitecture, packages: FileTree, store: Store): Promise<Guest> {
  const from = treeDigest(packages);
  const kernel = await madeFile(store, "vm-kernel", from, () => kernelOf(packages));
  const own = await madeFile(store, "vm-initramfs", from, () => initramfs(packages));
  return {
    architecture,
    kernel: kernel.path,
    initramfs: own.path,
    proof: async () => (await madeFile(store, "vm-proof", from, async () => proofInitramfs(packages))).path,
    identity: machineIdentity(architecture, kernel.digest, own.digest),
  };
}

/** Their digests stand for the files, and nothing for what differs from script to script. */
function machineIdentity(architecture: GuestArchitecture, kernel: Digest, own: Digest): Digest {
  const boot = { architecture, acceleration: "tcg", kernel, initramfs: own, memoryMiB: 0, network: true } as const;
  const memory = { file: "", share: true };
  const args = machineArguments(boot, { ...UNCONNECTED, memory, serial: "", qmp: "", isIncoming: false });
  return digestOf(canonicalJson([...args]));
}

function kernelOf(packages: FileTree): Promise<Buffer> {
  const file = packages
    .under(treePath("boot"))
    .find((entry): entry is FileEntry => entry.type === "file" && nameStartsWith(entry.path, "vmlinuz-"));
  if (file === undefined) throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no kernel");
  return unpackKernel(Buffer.from(readWhole(file)), file.path);
}
