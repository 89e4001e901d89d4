/** One script's run inside the guest, as shell text: overlay, script, what changed as a tar, and a record that says that it is whole. */
import {
  MOUNT_POINTS,
  OUTSIDE as TOOLS,
  ROOT_LIMITS,
  commandLoop,
  mountResolver,
  shellQuoted,
  unmountResolver,
  type ScriptShellProgram,
} from "../../../core/index.ts";
import {
  CHANGES_IN_GUEST,
  DEVICES_IN_GUEST,
  DISK,
  LOAD_NETWORK,
  OUTPUT_IN_GUEST,
  ROOT_IN_GUEST,
  TOOLS_IN_GUEST,
} from "./init.ts";

/** Names of the virtio-serial ports. */
export const PORT = { log: "image-dsl.log", result: "image-dsl.result" };

/** What the kernel takes at a time, in bytes. */
const PORT_WRITE = 32 * 1024;

/** Mounts of the script's root, as a table (fstab): one process mounts all. What it needs in `/dev` is there. */
export const MOUNTS = [
  "proc /proc proc defaults",
  "sysfs /sys sysfs ro",
  `${DEVICES_IN_GUEST} /dev none bind`,
  "tmpfs /tmp tmpfs mode=1777",
  "devpts /dev/pts devpts newinstance,ptmxmode=0666",
  "tmpfs /dev/shm tmpfs mode=1777",
  `${TOOLS_IN_GUEST} ${TOOLS} none bind`,
  `/usr ${TOOLS}/usr none bind`,
]
  .map((line) => `${line.replace(" ", ` ${ROOT_IN_GUEST}`)}\n`)
  .join("");

/** What the guest says once it has its job. */
export const BEGUN = "image-dsl: begun";

/** Bytes of the record that ends the result, and what it and the end of the log begin with; the job's token follows. */
export const END_RECORD = 128;
export const END_MARK = "image-dsl-end";

/** What the archive of the changes holds: the overlay's upper directory, and its index of files with several names below. */
export const CHANGES = { upper: "upper", index: "work/index" };

/** What stands for a socket in the changes, as `mknod` takes it: tar leaves out sockets, and no device is this one. */
export const SOCKET = "b 0 0";

export interface GuestJob {
  /** A text's command inside the image, or the shell of a function's commands. */
  readonly script: { readonly command: readonly string[] } | { readonly shell: ScriptShellProgram };
  readonly env: Readonly<Record<string, string>>;
  /** Bytes that the script may write, at most. */
  readonly diskBytes: number;
  readonly network: boolean;
  /** What no file that a script writes can have in it by chance: where it stands the guest itself speaks. Letters and digits. */
  readonly token: string;
}

/** Addresses as QEMU gives them (its documentation, "Using the user mode network stack"). */
const JOIN_NETWORK = `${LOAD_NETWORK}
busybox ip address add 10.0.2.15/24 dev eth0 && busybox ip link set eth0 up &&
  busybox ip route add default via 10.0.2.2 || fail 'the network cannot be reached'
echo 'nameserver 10.0.2.3' >/work/resolv.conf
${mountResolver("/work/root", "/work/resolv.conf", "busybox", "fail 'nothing can be mounted at /etc/resolv.conf'")}`;

const LEAVE_NETWORK = unmountResolver("busybox", "fail 'the script moved /etc/resolv.conf, which is mounted there'");

/** All that the script left running, and then who hands on what it said, once that is done. Nobody who is stopped starts another. */
const END_REST = `kill -STOP -1 2>/dev/null
for each in /proc/[0-9]*; do
  each=\${each#/proc/}
  [ $each = 1 ] || [ $each = $output ] || kill -9 $each
done 2>/dev/null
kill -CONT $output
wait $output || echo 'image-dsl: the script ended what hands on its output: some of that is lost' >&9
`;

/** Sets `script` to its status. */
function runText(command: readonly string[], { env }: GuestJob): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `cp ${DISK}/job/script ${TOOLS_IN_GUEST}/script
env -i ${variables.map(shellQuoted).join(" ")} /usr/bin/busybox chroot $root ${command.map(shellQuoted).join(" ")} </dev/null >${OUTPUT_IN_GUEST} 2>&1 8>&- 9>&-
script=$?
`;
}

/** As `runText`, of a function's commands: what they write goes to the host by the port of the result. */
function runFunction(shell: ScriptShellProgram, { env }: GuestJob): string {
  const folder = "/work/calls";
  const busybox = "/usr/bin/busybox";
  return `exec 7<&8
${commandLoop({ busybox, before: "9>&-", root: ROOT_IN_GUEST, shell, env, from: 7, to: 8, folder })}exec 7<&-
: >${OUTPUT_IN_GUEST}
`;
}

export function jobText(job: GuestJob): string {
  const { script, diskBytes, network, token } = job;
  const excluded = [...MOUNT_POINTS.map((name) => `${CHANGES.upper}/${name}`), `${CHANGES.index}/#*`];
  return `fail() {
  echo "image-dsl: $1"
  reboot -f
}
port() {
  port=
  for each in /sys/class/virtio-ports/*; do
    read -r name <"$each/name"
    if [ "$name" = "$1" ]; then port=/dev/\${each##*/}; fi
  done
}
echo '${BEGUN}'
umask 022
${ROOT_LIMITS}
# A port can be opened once: whatever a script writes to its device, nothing of it comes out.
port ${PORT.result}
exec 8<>"$port"
port ${PORT.log}
exec 9>"$port"
root=${ROOT_IN_GUEST} changes=${CHANGES_IN_GUEST}
swapon /dev/vdb
mount -t tmpfs -o size=${diskBytes},nr_inodes=0,mode=755 tmpfs $changes
mkdir $changes/${CHANGES.upper} $changes/work
# Else directories with long paths cannot be renamed.
echo 65535 >/sys/module/overlay/parameters/redirect_max
layers=lowerdir=${DISK}/image,upperdir=$changes/${CHANGES.upper},workdir=$changes/work
mount -t overlay -o $layers,redirect_dir=on,index=on overlay $root
grep -q ' overlay .*,redirect_dir=on,index=on' /proc/mounts || fail 'the overlay has no index or does not rename'
mkdir -p ${MOUNT_POINTS.map((name) => `$root/${name}`).join(" ")}
mount -a -T ${DISK}/job/mounts
# The port cannot be opened again, as /dev/stderr is.
busybox cat <${OUTPUT_IN_GUEST} >&9 8>&- &
output=$!
${network ? JOIN_NETWORK : ""}${"command" in script ? runText(script.command, job) : runFunction(script.shell, job)}${END_REST}printf '%s\\n' '${END_MARK} ${token}' >&9
archive=0 size=0
if [ $script = 0 ]; then
  ${network ? LEAVE_NETWORK : ""}busybox find $changes/${CHANGES.upper} -type s '(' -exec rm {} ';' -exec mknod {} ${SOCKET} ';' -o -print ')' >/work/unmarked
  [ ! -s /work/unmarked ] || fail 'a socket cannot be marked'
  /usr/bin/tar -b ${PORT_WRITE / 512} --format=pax --xattrs --xattrs-include='*' --numeric-owner --totals \\
    --anchored ${excluded.map((each) => `--exclude='${each}'`).join(" ")} \\
    -C $changes -cf - ${CHANGES.upper} ${CHANGES.index} 2>/work/totals >&8
  archive=$?
  while read -r line; do
    case $line in 'Total bytes written: '*) size=\${line#*: } size=\${size%% *} ;; esac
    echo "tar: $line"
  done </work/totals
fi
printf '%-${END_RECORD - 1}s\\n' "${END_MARK} ${token} script=$script archive=$archive size=$size" >&8
# It is ended from outside once that has arrived.
sleep 15
reboot -f
`;
}
