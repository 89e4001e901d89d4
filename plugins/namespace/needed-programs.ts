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
  type MadeFile,
  type Store,
} from "../../core/index.ts";
import { EMULATOR, type Emulator } from "./emulator.ts";

/** Those for images without a shell, as a virtual machine has them, and what sets up, watches and reads back. */
export const TOOL_PACKAGES = {
  suite: "trixie",
  packages: ["busybox-static", "bash-static", "coreutils", "passwd", "findutils", "tar", "strace"],
};

/** Those for images without a shell, where these are of another architecture than what sets up. */
export const FOREIGN_PACKAGES = { suite: "trixie", packages: ["bash-static", "coreutils", "passwd"] };

export interface Tools {
  /** Paths in the store: a program that needs no library, and a tar of all others. */
  readonly busybox: string;
  readonly archive: string;
  /** For images of another architecture than the host's: a tar of programs for them, and who runs those. */
  readonly foreign?: { readonly archive: string; readonly emulator: Emulator };
  readonly identity: Digest;
}

export async function assembleTools(
  packages: FileTree,
  foreign: { readonly packages: FileTree; readonly emulator: Emulator } | undefined,
  store: Store,
): Promise<Tools> {
  const archived = (tree: FileTree): Promise<MadeFile> =>
    madeFile(store, "namespace-tools", treeDigest(tree), async () => archiveOf(tree));
  const busybox = await madeFile(store, "namespace-busybox", treeDigest(packages), async () => busyboxOf(packages));
  const archive = await archived(packages);
  const other = foreign && (await archived(foreign.packages));
  return {
    busybox: busybox.path,
    archive: archive.path,
    ...(foreign && other && { foreign: { archive: other.path, emulator: foreign.emulator } }),
    identity: digestOf(canonicalJson([busybox.digest, archive.digest, ...(other ? [other.digest] : [])])),
  };
}

/** In a folder that a process without any right on this host may read, once it is in it. */
export async function layOutTools({ busybox, archive, foreign }: Tools, folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const lay = async (from: string, name: string, mode: number): Promise<void> => {
    await copyFile(from, join(folder, name));
    await chmod(join(folder, name), mode);
  };
  await lay(busybox, "busybox", 0o755);
  await lay(archive, "tools.tar", 0o644);
  if (foreign === undefined) return;
  await lay(foreign.archive, "foreign.tar", 0o644);
  await lay(foreign.emulator.path, EMULATOR, 0o755);
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
