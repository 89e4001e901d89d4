/** The guest's own file system, put together from Debian's packages. */
import {
  DEVICES,
  DEVICE_FOLDERS,
  DEVICE_LINKS,
  FileTree,
  ImageDslError,
  OUTSIDE,
  directoryEntry,
  inlineFile,
  isUnder,
  lookup,
  outsidePrograms,
  treePath,
  type Entry,
  type TreePath,
} from "../../../core/index.ts";
import { cpioArchive } from "./cpio.ts";
import { DEVICES_IN_GUEST, TOOLS_IN_GUEST, WAITING, initScript } from "./init.ts";
import { moduleOrder, type ModuleReader } from "./modules.ts";

/** At work before the snapshot, and after it. */
const EARLY = ["virtio_pci", "virtio_console", "overlay", "erofs"];
const LATE = ["virtio_rng", "virtio_blk"];

/** Loaded for scripts that have a network. */
const NETWORK = ["virtio_net"];

/** What of the packages goes in, besides the modules. */
const KEPT = ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "bin", "sbin", "lib", "lib64", "etc"].map(treePath);

/**
 * Modules that are not loaded, descriptions of boards, and what no program here asks for: other character sets, vectors for mathematics, what
 * would make an initramfs, and bash, which is there once more. To unpack a quarter of all that takes a sixth of a boot.
 */
const LEFT_OUT =
  /^usr\/(lib\/(modules|linux-image-[^/]*|[^/]*\/gconv)(\/|$)|lib\/[^/]*\/libmvec\.|bin\/(bash-static|kmod|cpio|mt-gnu)$)/;

export async function initramfs(packages: FileTree, reader: ModuleReader): Promise<Buffer> {
  const found = new Map<string, Buffer>();
  const load = async (wanted: readonly string[]): Promise<readonly string[]> => {
    const modules = await moduleOrder(wanted, reader);
    const more = [...modules].filter(([name]) => !found.has(name));
    for (const [name, bytes] of more) found.set(name, bytes);
    return more.map(([name]) => name);
  };
  const init = initScript({
    early: await load(EARLY),
    late: await load(LATE),
    network: await load(NETWORK),
  });
  const modules = [...found].map(([name, bytes]) => inlineFile(treePath(`modules/${name}.ko`), bytes));
  const own: Entry[] = [
    ...packages.entries().filter(({ path }) => isKept(path)),
    ...modules,
    initEntry(init),
    ...CONSOLE,
    ...SCRIPTS_DEVICES,
    ...outsidePrograms(packages, TOOLS_IN_GUEST),
    ...busyboxLinks(packages),
  ];
  return cpioArchive(FileTree.of(own));
}

function initEntry(text: string): Entry {
  return { ...inlineFile(treePath("init"), Buffer.from(text)), mode: 0o755 };
}

/** What the kernel gives its first process to speak by. */
const CONSOLE: readonly Entry[] = [
  directoryEntry(treePath("dev")),
  { path: treePath("dev/console"), type: "character", mode: 0o600, uid: 0, gid: 0, mtime: 1, major: 5, minor: 1 },
];

const SCRIPTS_DEVICES: readonly Entry[] = [
  ...[...DEVICE_FOLDERS.map((name) => `/dev/${name}`), OUTSIDE].map((path) => directoryEntry(inDevices(path))),
  ...DEVICES.map(({ name, major, minor }): Entry => {
    const path = inDevices(`/dev/${name}`);
    return { path, type: "character", mode: 0o666, uid: 0, gid: 0, mtime: 1, major, minor };
  }),
  ...DEVICE_LINKS.map(({ name, target }) => link(inDevices(`/dev/${name}`), target)),
];

function inDevices(path: string): TreePath {
  return treePath(path.replace("/dev", DEVICES_IN_GUEST));
}

function link(path: TreePath, target: string): Entry {
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target };
}

function isKept(path: TreePath): boolean {
  return !LEFT_OUT.test(path) && KEPT.some((each) => path === each || isUnder(path, each));
}

/** All that a machine needs to say the word which the guest says once it has booted. */
export function proofInitramfs(packages: FileTree): Buffer {
  const init = `#!/usr/bin/busybox sh\necho '${WAITING}'\n/usr/bin/busybox sleep 60\n`;
  const busybox = lookup(packages, "/usr/bin/busybox");
  if (busybox?.type !== "file")
    throw new ImageDslError("E_VM_KERNEL", "The packages of the virtual machine have no busybox");
  return cpioArchive(FileTree.of([busybox, initEntry(init), ...CONSOLE]));
}

/** Applets of busybox that no package has a program for. */
const APPLETS = ["sh", "mount", "insmod", "hostname", "reboot", "swapon", "sed", "kill"];

function busyboxLinks(packages: FileTree): readonly Entry[] {
  return APPLETS.filter((name) => lookup(packages, `/usr/bin/${name}`) === undefined).map((name) =>
    link(treePath(`usr/bin/${name}`), "busybox"),
  );
}
