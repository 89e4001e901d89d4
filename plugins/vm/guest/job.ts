/** One script's run inside the guest, as shell text: overlay, script, what changed as a tar, and a record that says that it is whole. */
import { DISK } from "./init.ts";

/** Names of the virtio-serial ports. */
export const PORT = { log: "image-dsl.log", result: "image-dsl.result" };

/** Bytes of the record that ends the result. */
export const END_RECORD = 64;

export interface GuestJob {
  /** The script's command inside the image, quoted for a shell. */
  readonly command: string;
  /** Bytes that the script may change, at most. */
  readonly diskBytes: number;
}

/** Where the guest's own programs are inside the image while the script runs: below a mount point, which is not read back. */
export const TOOLS = "/dev/.image-dsl";

export function jobScript({ command, diskBytes }: GuestJob): string {
  return `set -u
port() {
  for each in /sys/class/virtio-ports/*; do
    if [ "$(cat "$each/name")" = "$1" ]; then echo "/dev/\${each##*/}"; fi
  done
}
log=$(port ${PORT.log})
result=$(port ${PORT.result})
swapon /dev/vdb
root=/work/root upper=/work/changes/upper
mkdir -p $root /work/changes
mount -t tmpfs -o size=${diskBytes},nr_inodes=0,mode=755 changes /work/changes
mkdir $upper /work/changes/work
mount -t overlay -o lowerdir=${DISK}/image,upperdir=$upper,workdir=/work/changes/work overlay $root
mkdir -p $root/proc $root/sys $root/dev $root/tmp
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
mount -t devtmpfs devtmpfs $root/dev
mkdir -p $root/dev/pts $root/dev/shm $root${TOOLS}
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
mount -t tmpfs -o mode=1777 shm $root/dev/shm
mount -t tmpfs -o mode=1777 tmp $root/tmp
mount --bind /tools $root${TOOLS}
cp ${DISK}/job/script /tools/script
chmod 755 /tools/script
chroot $root ${command} </dev/null >"$log" 2>&1
script=$?
kill -9 -1 2>/dev/null
size=0 archive=0
if [ $script = 0 ]; then
  /usr/bin/tar --format=pax --sparse --xattrs --xattrs-include='*' --numeric-owner --totals \\
    --exclude=./dev --exclude=./proc --exclude=./sys --exclude=./tmp -C $upper -cf "$result" . 2>/work/totals
  archive=$?
  size=$(sed -n 's/^Total bytes written: \\([0-9]*\\).*/\\1/p' /work/totals)
fi
printf '%-${END_RECORD - 1}s\\n' "image-dsl-end script=$script archive=$archive size=$size" >>"$result"
cat /work/totals
while :; do sleep 1; done
`;
}
