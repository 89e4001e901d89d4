/** One script's run inside the guest, as shell text: overlay, script, what changed as a tar, and a record that says that it is whole. */
import { MOUNT_POINTS, OUTSIDE as TOOLS } from "../../../core/index.ts";
import { DISK, TOOLS_IN_GUEST } from "./init.ts";

/** Names of the virtio-serial ports. */
export const PORT = { log: "image-dsl.log", result: "image-dsl.result" };

/** Bytes of the record that ends the result, and what it begins with. */
export const END_RECORD = 64;
export const END_MARK = "image-dsl-end";

export interface GuestJob {
  /** Of the script, inside the image. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Bytes that the script may write, at most. */
  readonly diskBytes: number;
}

export function jobText({ command, env, diskBytes }: GuestJob): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const excluded = MOUNT_POINTS.map((name) => `--exclude=./${name}`).join(" ");
  return `port() {
  for each in /sys/class/virtio-ports/*; do
    if [ "$(cat "$each/name")" = "$1" ]; then echo "/dev/\${each##*/}"; fi
  done
}
umask 022
root=/work/root changes=/work/changes
mkdir -p $root $changes
swapon /dev/vdb
mount -t tmpfs -o size=${diskBytes},nr_inodes=0,mode=755 tmpfs $changes
mkdir $changes/upper $changes/work
mount -t overlay -o lowerdir=${DISK}/image,upperdir=$changes/upper,workdir=$changes/work overlay $root
for each in ${MOUNT_POINTS.join(" ")}; do mkdir -p $root/$each; done
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
mount -t devtmpfs devtmpfs $root/dev
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
mkdir -p $root/dev/pts $root/dev/shm $root${TOOLS}
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs $root/dev/shm
mkdir -p ${TOOLS_IN_GUEST}/usr
mount --bind ${TOOLS_IN_GUEST} $root${TOOLS}
mount --bind /usr $root${TOOLS}/usr
cp ${DISK}/job/script ${TOOLS_IN_GUEST}/script
chmod 755 ${TOOLS_IN_GUEST}/script
env -i ${variables.map(quoted).join(" ")} /usr/sbin/chroot $root ${command.map(quoted).join(" ")} </dev/null >"$(port ${PORT.log})" 2>&1
script=$?
kill -9 -1 2>/dev/null
result=$(port ${PORT.result}) archive=0 size=0
if [ $script = 0 ]; then
  /usr/bin/tar --format=pax --xattrs --xattrs-include='*' --numeric-owner --totals ${excluded} \\
    -C $changes/upper -cf "$result" . 2>/work/totals
  archive=$?
  size=$(sed -n 's/^Total bytes written: \\([0-9]*\\).*/\\1/p' /work/totals)
  sed 's/^/tar: /' /work/totals
fi
printf '%-${END_RECORD - 1}s\\n' "${END_MARK} script=$script archive=$archive size=$size" >>"$result"
while :; do sleep 1; done
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
