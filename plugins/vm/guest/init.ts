/** What runs in the guest before the job: it makes the machine usable, waits, and hands over to the job on the disk. */
/** Where the disk, on it the image's tree and the job, are in the guest. */
export const DISK = "/work/disk";

/** Where programs for images without are in the guest. */
export const TOOLS_IN_GUEST = "/tools";

/** What the guest says once all is ready that does not depend on a job. The answer is a line: `goLine`. */
export const WAITING = "image-dsl: waiting";

/** Where what the script has in `/dev` is in the guest: of the machine's own devices it has none. */
export const DEVICES_IN_GUEST = "/devices";

/** Takes what the script says. */
export const OUTPUT_IN_GUEST = "/output";

/** Where a job's tree of changes, and the script's root, are mounted. */
export const CHANGES_IN_GUEST = "/work/changes";
export const ROOT_IN_GUEST = "/work/root";

/** What it says of a kernel without what it needs, before the name of that. */
export const LACKS = "image-dsl: the kernel has no ";

/** 1980, in seconds since 1970: no clock is set to a time before its machine's start, and zip knows none before. */
const FIRST_TIME = 315_532_800;

/** What ends the waiting. `time`: seconds since 1970. `seed`: random hex digits. */
export function goLine(time: number, seed: string): string {
  return `${Math.max(time, FIRST_TIME)} ${seed}`;
}

/** What the job calls for a script that has a network. */
export const LOAD_NETWORK = "load_network";

export interface GuestModules {
  /** Of what is the same after a snapshot. */
  readonly early: readonly string[];
  /**
   * Loaded as well, but shown no device before there is a job: the disks may be others behind a snapshot, and the kernel's own random
   * numbers begin with the host's. If it had them before, all guests from one snapshot would have the same.
   */
  readonly late: readonly string[];
  /** Those that the network needs besides. */
  readonly network: readonly string[];
}

export function initScript({ early, late, network }: GuestModules): string {
  return `#!/usr/bin/busybox sh
export PATH=/usr/bin:/usr/sbin HOME=/root
mkdir -p /proc /sys /dev /tmp ${DISK} ${CHANGES_IN_GUEST} ${ROOT_IN_GUEST} ${TOOLS_IN_GUEST}/usr
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
ln -s /proc/self/fd /dev/fd
busybox mkfifo -m 600 ${OUTPUT_IN_GUEST}
${early.map(insmod).join("\n")}
lacks() { echo "${LACKS}$1"; reboot -f; }
for each in devtmpfs tmpfs overlay erofs; do grep -qw $each /proc/filesystems || lacks $each; done
[ -d /sys/bus/pci/drivers/virtio-pci ] || lacks virtio_pci
driver() { [ -d /sys/bus/virtio/drivers/$1 ] || lacks $1; }
driver virtio_console
hostname localhost
busybox ip link set lo up
stty raw -echo
for each in virtio_rng virtio_blk; do
  if [ -d /sys/bus/virtio/drivers/$each ]; then echo "image-dsl: $each is built into the kernel, and has to be a module"; reboot -f; fi
done
echo 0 >/sys/bus/virtio/drivers_autoprobe
${late.map(insmod).join("\n")}
driver virtio_rng
driver virtio_blk
if dmesg | grep -q 'random: crng init done'; then echo 'image-dsl: the kernel had random numbers too early'; reboot -f; fi
echo '${WAITING}'
read -r now seed
date -u -s "@$now" >/dev/null
echo "$seed" >/dev/urandom
echo 1 >/sys/bus/virtio/drivers_autoprobe
for each in /sys/bus/virtio/devices/*; do echo "\${each##*/}" >/sys/bus/virtio/drivers_probe; done
# Until the kernel has random numbers; no process is started to wait.
if ! read -r -t 60 -n 1 byte </dev/random; then echo 'image-dsl: the kernel was given no random numbers'; reboot -f; fi
${LOAD_NETWORK}() {
  ${network.map(insmod).join("\n  ")}
  driver virtio_net
}
if mount -t erofs -o ro /dev/vda ${DISK}; then . ${DISK}/job/main; fi
echo 'image-dsl: the disk cannot be read'
reboot -f
`;
}

function insmod(name: string): string {
  return `insmod /modules/${name}.ko`;
}
