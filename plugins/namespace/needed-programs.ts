/** The programs that a run in namespaces needs, from Debian's packages: nothing of the host's own has a part in it. */
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import {
  FileTree,
  ImageDslError,
  canonicalJson,
  digestOf,
  lookup,
  madeFile,
  outsidePrograms,
  readWhole,
  tarChunks,
  treeDigest,
  treePath,
  type Digest,
  type Store,
} from "../../core/index.ts";

/** Those for images without a shell, as a virtual machine has them, and what sets up, watches and reads back. */
export const TOOL_PACKAGES = {
  suite: "trixie",
  packages: ["busybox-static", "bash-static", "coreutils", "passwd", "findutils", "tar", "strace"],
};

export interface Tools {
  /** Paths in the store: a program that needs no library, and a tar of all others. */
  readonly busybox: string;
  readonly archive: string;
  readonly identity: Digest;
}

export async function assembleTools(packages: FileTree, store: Store): Promise<Tools> {
  const from = treeDigest(packages);
  const busybox = await madeFile(store, "namespace-busybox", from, async () => busyboxOf(packages));
  const archive = await madeFile(store, "namespace-tools", from, async () => archiveOf(packages));
  const identity = digestOf(canonicalJson([busybox.digest, archive.digest]));
  return { busybox: busybox.path, archive: archive.path, identity };
}

/** In a folder that a process without any right on this host may read, once it is in it. */
export async function layOutTools({ busybox, archive }: Tools, folder: string): Promise<void> {
  await chmod(folder, 0o755);
  await copyFile(busybox, join(folder, "busybox"));
  await chmod(join(folder, "busybox"), 0o755);
  await copyFile(archive, join(folder, "tools.tar"));
  await chmod(join(folder, "tools.tar"), 0o644);
}

function busyboxOf(packages: FileTree): Buffer {
  const file = lookup(packages, "/usr/bin/busybox");
  if (file?.type === "file") return Buffer.from(readWhole(file));
  throw new ImageDslError("E_NAMESPACE", "The packages for scripts in namespaces have no busybox");
}

const KEPT = ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64"].map(treePath);

function archiveOf(packages: FileTree): Buffer {
  const own = KEPT.flatMap((folder) => packages.under(folder));
  const tree = FileTree.of([...own, ...outsidePrograms(packages, "")]);
  const copies = function* (): Generator<Buffer> {
    for (const chunk of tarChunks(tree.entries())) yield Buffer.from(chunk);
  };
  return Buffer.concat([...copies()]);
}
