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
import { readKernel, type Kernel } from "./kernel.ts";
import { moduleReader } from "./modules.ts";
import type { OwnKernel } from "./own-kernel.ts";

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

/** What the guest is made of: the kernel for virtual machines, unless there is another, who sends the result, and tools for images without. */
export function guestPackages({ kernelPackage }: GuestArchitecture, own: OwnKernel | undefined) {
  // tiny-initramfs stands for what Debian would make an initramfs with: of those it is the smallest.
  const kernel = own === undefined ? [kernelPackage, "tiny-initramfs"] : [];
  return { suite: "trixie", packages: [...kernel, "busybox-static", "tar", "bash-static", "coreutils", "passwd"] };
}

/** `packages`: of `guestPackages`. Throws `E_VM_KERNEL`. */
export async function assembleGuest(
  architecture: GuestArchitecture,
  packages: FileTree,
  named: OwnKernel | undefined,
  store: Store,
): Promise<Guest> {
  const kernels = named && { kernel: digestOf(named.bytes), modules: treeDigest(named.modules) };
  const from = digestOf(canonicalJson({ packages: treeDigest(packages), ...kernels }));
  const readOf = ({ bytes, name }: KernelFile): Promise<Kernel> => readKernel(bytes, name, architecture);
  let read: Promise<Kernel> | undefined;
  const linux = (): Promise<Kernel> => (read ??= readOf(named ?? packagedKernel(packages)));
  const kernel = await madeFile(store, "vm-kernel", from, async () => (await linux()).image);
  const own = await madeFile(store, "vm-initramfs", from, async () =>
    initramfs(packages, moduleReader(named?.modules ?? packages, (await linux()).release)),
  );
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

type KernelFile = Pick<OwnKernel, "bytes" | "name">;

function packagedKernel(packages: FileTree): KernelFile {
  const file = packages
    .under(treePath("boot"))
    .find((entry): entry is FileEntry => entry.type === "file" && nameStartsWith(entry.path, "vmlinuz-"));
  if (file === undefined) throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no kernel");
  return { bytes: Buffer.from(readWhole(file)), name: file.path };
}
