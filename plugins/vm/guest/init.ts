/** What runs in the guest before the job: it makes the machine usable, waits, and hands over to the job on the disk. */

/** Where the disk, on it the image's tree and the job, are in the guest. */
export const DISK = "/work/disk";

/** Where programs for images without are in the guest. */
export const TOOLS_IN_GUEST = "/tools";

/** What the guest says once all is ready that does not depend on a job. The answer is a line: `goLine`. */
export const WAITING = "image-dsl: waiting";

/** 1980, in seconds since 1970: no clock is set to a time before its machine's start, and zip knows none before. */
const FIRST_TIME = 315_532_800;

/** What ends the waiting. `time`: seconds since 1970. `seed`: random hex digits. */
export function goLine(time: number, seed: string): string {
  return `${Math.max(time, FIRST_TIME)} ${seed}`;
}

/** What the job calls for a script that has a network. */
export const LOAD_NETWORK = "load_network";

/**
 * `early`: modules that are loaded before it waits; `late`: those of the disks, which may be others after a snapshot, and of the host's
 * random numbers. The kernel's own begin with these: without that, all guests from one snapshot would have the same. `network`: those that the network needs besides.
 */
export function initScript(early: readonly string[], late: readonly string[], network: readonly string[]): string {
  return `#!/usr/bin/busybox sh
export PATH=/usr/bin:/usr/sbin HOME=/root
mkdir -p /proc /sys /dev /tmp /work ${DISK}
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
${early.map(insmod).join("\n")}
hostname localhost
busybox ip link set lo up
stty raw -echo
is_random() { dmesg | grep -q 'random: crng init done'; }
if is_random; then echo 'image-dsl: the kernel had random numbers too early'; reboot -f; fi
echo '${WAITING}'
read -r now seed
date -u -s "@$now" >/dev/null
echo "$seed" >/dev/urandom
${late.map(insmod).join("\n")}
tries=0
until is_random; do
  tries=$((tries + 1))
  if [ $tries = 500 ]; then echo 'image-dsl: the kernel was given no random numbers'; reboot -f; fi
  usleep 10000
done
${LOAD_NETWORK}() {
  :
  ${network.map(insmod).join("\n  ")}
}
if mount -t erofs -o ro /dev/vda ${DISK}; then . ${DISK}/job/main; fi
echo 'image-dsl: the disk cannot be read'
reboot -f
`;
}

function insmod(name: string): string {
  return `insmod /modules/${name}.ko`;
}
