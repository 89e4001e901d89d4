/** The guest's kernel and initramfs, from Debian's packages, kept in the store. */
import { writeFile } from "node:fs/promises";
import {
  ImageDslError,
  canonicalJson,
  digestOf,
  hexOf,
  nameStartsWith,
  readWhole,
  treeDigest,
  treePath,
  type Digest,
  type FileEntry,
  type FileTree,
  type Store,
} from "../../../core/index.ts";
import type { GuestArchitecture } from "./architecture.ts";
import { initramfs, proofInitramfs } from "./initramfs.ts";
import { unpackKernel } from "./kernel.ts";

/** Raised when the same packages come to make another guest, or one that runs scripts in another way. */
const FORMAT_VERSION = 7;

export interface Guest {
  readonly architecture: GuestArchitecture;
  /** Paths in the store. */
  readonly kernel: string;
  readonly initramfs: string;
  /** An initramfs that shows that a machine runs at all; made when it is asked for. */
  readonly proof: () => Promise<string>;
  /** Of all that it is made of: what runs in it depends on nothing else. */
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
  const identity = digestOf(canonicalJson({ formatVersion: FORMAT_VERSION, packages: treeDigest(packages) }));
  const key = hexOf(identity);
  const derive = (kind: string, make: () => Promise<Buffer>): Promise<string> =>
    store.derive(kind, key, "", async (file) => {
      const bytes = await make();
      await writeFile(file, bytes, { mode: 0o600 });
      return digestOf(bytes);
    });
  return {
    architecture,
    kernel: await derive("vm-kernel", () => kernelOf(packages)),
    initramfs: await derive("vm-initramfs", () => initramfs(packages)),
    proof: () => derive("vm-proof", async () => proofInitramfs(packages)),
    identity,
  };
}

function kernelOf(packages: FileTree): Promise<Buffer> {
  const file = packages
    .under(treePath("boot"))
    .find((entry): entry is FileEntry => entry.type === "file" && nameStartsWith(entry.path, "vmlinuz-"));
  if (file === undefined) throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no kernel");
  return unpackKernel(Buffer.from(readWhole(file)), file.path);
}
