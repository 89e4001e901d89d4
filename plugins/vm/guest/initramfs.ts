/** The guest's own file system, put together from Debian's packages. */
import {
  FileTree,
  baseNameOf,
  directoryEntry,
  inlineFile,
  isUnder,
  lookup,
  outsidePrograms,
  readWhole,
  treePath,
  type Entry,
  type FileEntry,
  type TreePath,
} from "../../../core/index.ts";
import { cpioArchive } from "./cpio.ts";
import { TOOLS_IN_GUEST, initScript } from "./init.ts";
import { moduleOrder } from "./modules.ts";
import { unpacked } from "./unpacked.ts";

const MAX_MODULE = 64 * 1024 * 1024;

/** Loaded before the snapshot, and after it. */
const EARLY = ["virtio_pci", "virtio_console", "overlay", "erofs"];
const LATE = ["virtio_rng", "virtio_blk"];

/** What of the packages goes in, besides the modules. */
const KEPT = ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "bin", "sbin", "lib", "lib64", "etc"].map(treePath);

/** Modules that are not loaded, and descriptions of boards. */
const LEFT_OUT = /^usr\/lib\/(modules|linux-image-[^/]*)(\/|$)/;

export async function initramfs(packages: FileTree): Promise<Buffer> {
  const early = await moduleOrder(EARLY, (name) => readModule(packages, name));
  const late = await moduleOrder(LATE, (name) => readModule(packages, name));
  const lateOnly = [...late].filter(([name]) => !early.has(name));
  const init = initScript(
    [...early.keys()],
    lateOnly.map(([name]) => name),
  );
  const modules = [...early, ...lateOnly].map(([name, bytes]) => inlineFile(treePath(`modules/${name}.ko`), bytes));
  const own: Entry[] = [
    ...packages.entries().filter(({ path }) => isKept(path)),
    ...modules,
    { ...inlineFile(treePath("init"), Buffer.from(init)), mode: 0o755 },
    directoryEntry(treePath("dev")),
    { path: treePath("dev/console"), type: "character", mode: 0o600, uid: 0, gid: 0, mtime: 1, major: 5, minor: 1 },
    ...outsidePrograms(packages, TOOLS_IN_GUEST),
    ...busyboxLinks(packages),
  ];
  return cpioArchive(FileTree.of(own));
}

function isKept(path: TreePath): boolean {
  return !LEFT_OUT.test(path) && KEPT.some((each) => path === each || isUnder(path, each));
}

async function readModule(packages: FileTree, name: string): Promise<Buffer | undefined> {
  const file = packages
    .entries()
    .find((entry): entry is FileEntry => entry.type === "file" && moduleName(entry.path) === name);
  return file && unpacked(readWhole(file), "xz", MAX_MODULE);
}

function moduleName(path: TreePath): string | undefined {
  return /^(.*)\.ko(?:\.xz|\.zst|\.gz)?$/.exec(baseNameOf(path))?.[1]?.replaceAll("-", "_");
}

/** Applets of busybox that no package has a program for. */
const APPLETS = ["sh", "mount", "insmod", "hostname", "reboot", "swapon", "sed", "kill"];

function busyboxLinks(packages: FileTree): readonly Entry[] {
  return APPLETS.filter((name) => lookup(packages, `/usr/bin/${name}`) === undefined).map((name) => ({
    path: treePath(`usr/bin/${name}`),
    type: "symlink",
    mode: 0o777,
    uid: 0,
    gid: 0,
    mtime: 1,
    target: "busybox",
  }));
}
