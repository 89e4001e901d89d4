/** A virtual machine as it is made by hand: Debian's kernel as it is packed, a gzip initramfs, QEMU's defaults. It boots for each job. */
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { moduleOrder } from "../../../plugins/vm/guest/modules.ts";
import type { BenchRow } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { STORE_ENVIRONMENT } from "../store.ts";
import { FIRST_LINE, timedJob } from "./timed-job.ts";

export interface PlainGuest {
  /** A line of bash: boots it with this disk, whose job it does. The console comes out, what it sends goes into the file `result`. */
  run(job: PlainJob, disk: string): string;
}

/** `overlay`: the disk is an EROFS image, and what differs comes out. `unpack`: it is a tar, and so is all that comes out. */
export type PlainJob = "overlay" | "unpack";

const MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "overlay", "erofs"];
const PACKAGES = ["linux-image-cloud-amd64", "tiny-initramfs", "busybox-static", "tar"];

/** Megabytes: a tree that is unpacked lies there, and what is sent of it does not. */
const MEMORY: Readonly<Record<PlainJob, number>> = { overlay: 1024, unpack: 2048 };

/** A row of `PlainGuest.run`. */
export function plainJob(row: BenchRow & { readonly cwd: string }): BenchRow {
  mkdirSync(row.cwd);
  return timedJob({
    ...row,
    before: () => rmSync(join(row.cwd, "result"), { force: true }),
    // QEMU ends well whatever its guest did.
    after: async () => void (await runOrThrow("tar -tf result | grep made/file", { cwd: row.cwd })),
  });
}

/** Below a folder. `script` is what it does in the tree: it makes `/made/file`. Its programs are busybox's. */
export async function makePlainGuest(folder: string, cli: string, script: string): Promise<PlainGuest> {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "image.config.ts"),
    `import { buildLayeredImage, debian } from "image-dsl";
export default buildLayeredImage({
  name: "plain-guest", contents: debian({ suite: "bookworm", packages: ${JSON.stringify(PACKAGES)} }),
});
`,
  );
  await runOrThrow(`${cli} build --platform linux/amd64 -o rootfs:packages --quiet`, {
    cwd: folder,
    env: STORE_ENVIRONMENT,
  });
  const packages = join(folder, "packages");
  const initramfs = join(folder, "initramfs.gz");
  await makeInitramfs(packages, initramfs, script);
  const kernel = readdirSync(join(packages, "boot")).find((name) => name.startsWith("vmlinuz-"))!;
  return {
    run: (job, disk) =>
      `qemu-system-x86_64 -machine q35 -cpu max -accel tcg -m ${MEMORY[job]} -nographic -no-reboot ` +
      `-kernel '${join(packages, "boot", kernel)}' -initrd '${initramfs}' -append 'console=ttyS0 panic=-1 job=${job}' ` +
      `-drive file='${disk}',format=raw,if=virtio,readonly=on ` +
      `-device virtio-serial -chardev file,id=result,path=result -device virtserialport,chardev=result,name=result`,
  };
}

async function makeInitramfs(packages: string, file: string, script: string): Promise<void> {
  const root = `${file}.root`;
  mkdirSync(join(root, "modules"), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64", "usr"]) {
    cpSync(join(packages, name), join(root, name), { recursive: true, verbatimSymlinks: true });
  }
  // What a program of Debian's needs is its libraries; the rest only takes time.
  for (const name of ["lib/modules", "usr/lib/modules", "usr/share"]) {
    rmSync(join(root, name), { recursive: true, force: true });
  }
  const paths = await modulePaths(packages);
  const modules = await moduleOrder(MODULES, {
    read: async (name) => (paths.has(name) ? readFileSync(paths.get(name)!) : undefined),
    aliased: async () => [],
  });
  for (const [name, bytes] of modules) writeFileSync(join(root, "modules", `${name}.ko`), bytes);
  writeFileSync(join(root, "init"), initText([...modules.keys()], script), { mode: 0o755 });
  await runOrThrow(`find . | busybox cpio -o -H newc 2>/dev/null | gzip -9 > '${file}'`, { cwd: root });
}

async function modulePaths(packages: string): Promise<ReadonlyMap<string, string>> {
  const found = await runOrThrow(`find '${packages}' -name '*.ko'`);
  const paths = found.trim().split("\n");
  return new Map(paths.map((path) => [basename(path, ".ko").replaceAll("-", "_"), path]));
}

function initText(modules: readonly string[], script: string): string {
  return `#!/bin/busybox sh
export PATH=/usr/bin:/bin
busybox mkdir -p /proc /sys /dev /disk /changes /root
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev
${modules.map((name) => `busybox insmod /modules/${name}.ko`).join("\n")}
for port in /sys/class/virtio-ports/*; do
  if [ "$(busybox cat $port/name)" = result ]; then result=/dev/\${port##*/}; fi
done
busybox mount -t tmpfs -o size=90% tmpfs /changes
case $(busybox cat /proc/cmdline) in
*job=overlay*)
  busybox mkdir /changes/upper /changes/work
  busybox mount -t erofs -o ro /dev/vda /disk
  busybox mount -t overlay -o lowerdir=/disk,upperdir=/changes/upper,workdir=/changes/work overlay /root
  sent=/changes/upper ;;
*)
  busybox mount --bind /changes /root
  /bin/tar --xattrs --xattrs-include='*' --numeric-owner -C /root -xf /dev/vda
  sent=/root ;;
esac
busybox mkdir -p /root/tools
busybox mount --bind /bin /root/tools
busybox chroot /root /tools/busybox sh -ec ${shellWord(`echo ${FIRST_LINE}; ${script}`)}
busybox umount /root/tools
/bin/tar --format=pax --xattrs --xattrs-include='*' --numeric-owner -C $sent -cf - . >$result
busybox reboot -f
`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
