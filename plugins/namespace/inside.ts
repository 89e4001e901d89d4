/**
 * What runs in the namespaces, as shell text, process 1 of them: mounts, the tree, the script, and what it changed. Its input is a tar
 * with `image` and `job`, after which it has to stay open: its end is the end of all. Its output is what `result.ts` reads.
 *
 * Changes are found by comparing two lists of all files with their inodes and times of change, which no program can set.
 */
import {
  DEVICES,
  DEVICE_FOLDERS,
  DEVICE_LINKS,
  MOUNT_POINTS,
  OUTSIDE,
  ROOT_LIMITS,
  commandLoop,
  mountResolver,
  shellQuoted,
  unmountResolver,
  type ScriptShellProgram,
} from "../../core/index.ts";
import { WATCHED } from "./refusals.ts";

export interface InsideJob {
  /** A text's command inside the image, or the shell of a function's commands. */
  readonly script: { readonly command: readonly string[] } | { readonly shell: ScriptShellProgram };
  readonly env: Readonly<Record<string, string>>;
  /** Bytes of the tree and of what the script may write. */
  readonly bytes: number;
  /** Whether the network is the host's. */
  readonly network: boolean;
  /** Of programs of the image's architecture, where it is not the host's: what tells the kernel who runs them. */
  readonly format: string | undefined;
}

/** What the output begins with where it came to no end: at which stage. */
export const STAGES = ["namespaces", "emulator", "tree", "watch", "result", "socket"] as const;

/** For bash: names of files of which another name differs, since a directory above that one was renamed. */
const OTHER_NAMES = `declare -A changed
while IFS=" " read -r -d "" time inode path; do changed[$inode]=1; done </differ
while IFS= read -r -d "" line; do
  if [ "\${changed[\${line%% *}]}" ]; then printf '%s\\0' "\${line#* }"; fi
done </linked`;

/** Characters of what was refused that are handed on. */
const REFUSED = 65_536;

/** For the time that what it is mounted from is mounted. The file is opened here, and needs no name later. */
function emulated(format: string): string {
  return `stage=emulator
box mkdir /tmp/formats /tmp/foreign
box mount -t binfmt_misc binfmt_misc /tmp/formats
echo ${shellQuoted(format)} >/tmp/formats/register
box tar -xof foreign.tar -C /tmp/foreign
stage=namespaces
`;
}

const OWN_NETWORK = `box mount -t sysfs -o ro sysfs /tmp/sys
box ip link set lo up`;

/** The host's devices are not ours to show: only who owns a network may mount what shows it. */
const HOSTS_NETWORK = `box unshare -n ./busybox mount -t sysfs -o ro sysfs /tmp/sys
if [ -e /etc/resolv.conf ]; then box cat /etc/resolv.conf; fi >/tmp/resolv.conf`;

const MOVED = "{ echo 'the script moved /etc/resolv.conf, which is mounted there' >&2; exit 1; }";

const STRACE = `--seccomp-bpf -qqq -s 128 -e signal=none -e status=failed -e trace=${WATCHED} -o /refused`;

/** Sets `script` to its status. `outside`: the folder that is mounted into the image. */
function runText(command: readonly string[], { env }: InsideJob, outside: string): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const inner = ["chroot", "/root", ...command].map(shellQuoted).join(" ");
  return `box cp /work/job/script ${outside}/script
box chmod 755 ${outside}/script
(box cat <&3 >/dev/null; kill -TERM 1) &
box mkfifo /ended
# strace waits for all that the script left running; nobody else does.
(own strace -f ${STRACE} \\
    /busybox env -i ${variables.map(shellQuoted).join(" ")} /busybox sh -c 'unset SHLVL; /busybox "$@"; echo $? >/ended' sh ${inner} </dev/null >&2 3<&-
  echo unwatched >/ended
) &
(read -r status </ended; [ "$status" != unwatched ] || : >/unwatched; exit "$status") &
script=0
wait $! || script=$?
`;
}

/** As `runText`, of a function's commands: each is watched, by who is no parent of it. */
function runFunction(shell: ScriptShellProgram, { env }: InsideJob): string {
  const before = `"$loader" --library-path "$libraries" /tools/usr/bin/strace -DDD -A -f ${STRACE}`;
  return `${before} /busybox true </dev/null >&2
${commandLoop({ busybox: "/busybox", before, root: "/root", shell, env, from: 3, to: 1, folder: "/calls" })}`;
}

export function insideText(job: InsideJob): string {
  const { script, bytes, network, format } = job;
  // What stands outside the image is for its architecture.
  const outside = format === undefined ? "/tools" : "/foreign";
  const devices = DEVICES.map(({ name }) => name).join(" ");
  return `set -eu -o pipefail
umask 022
# Where the host allows fewer, a script that wants more is told so.
{ ${ROOT_LIMITS}; } 2>/dev/null || :
stage=namespaces
trap 'exit 143' TERM INT HUP
trap 'status=$?; if [ -n "$stage" ]; then echo "stage=$stage"; exit 1; fi; exit $status' EXIT
export LC_ALL=C PATH=/nowhere
busybox=./busybox
box() { "$busybox" "$@"; }

# /tmp is a directory on every host; what is mounted here no other process sees.
box mount -t tmpfs -o mode=755 tmpfs /tmp
box mkdir -p /tmp/tools /tmp/dev /tmp/proc /tmp/sys /tmp/work /tmp/root /tmp/host
box tar -xof tools.tar -C /tmp/tools
for each in ${devices}; do
  : >/tmp/dev/$each
  box mount -o bind /dev/$each /tmp/dev/$each
done
box ln -s /tools /tmp${OUTSIDE}
box cp busybox /tmp/busybox
${format === undefined ? "" : emulated(format)}box mount -t proc proc /tmp/proc
${network ? HOSTS_NETWORK : OWN_NETWORK}
cd /tmp
box pivot_root . host
cd /
busybox=/busybox
box umount -l /host
box hostname localhost
box mount -t tmpfs -o size=${bytes},nr_inodes=0,mode=755 tmpfs /work
loader() { set -- /tools/usr/lib*/ld-linux-*.so.*; echo "$1"; }
libraries() { set -- /tools/usr/lib/*-linux-gnu; echo "$1"; }
loader=$(loader) libraries=$(libraries)
own() { name=$1; shift; "$loader" --library-path "$libraries" "/tools/usr/bin/$name" "$@"; }

stage=tree
own tar -xpf - --xattrs --xattrs-include='*' --numeric-owner --same-owner -C /work 2>/words || { box cat /words >&2; exit 1; }
if [ -s /words ]; then box cat /words >&2; exit 1; fi
for each in ${MOUNT_POINTS.join(" ")}; do box mkdir -p /work/image/$each; done
list() { (cd /work/image; own find . -printf '%C@ %i %p\\0' | own sort -z); }
names() { own cut -z -d ' ' -f 3- | own sort -z; }
# A time of change is as coarse as the kernel's clock ticks.
box usleep 20000
list >/before

stage=watch
box mount -o bind /work/image /root
box mount -t proc proc /root/proc
box mount -o bind /sys /root/sys
box mount -t tmpfs -o mode=755 tmpfs /root/dev
box mount -t tmpfs -o mode=1777 tmpfs /root/tmp
for each in ${devices}; do
  : >/root/dev/$each
  box mount -o bind /dev/$each /root/dev/$each
done
box mkdir -p ${DEVICE_FOLDERS.map((name) => `/root/dev/${name}`).join(" ")} /root${OUTSIDE}
box mount -t devpts -o newinstance,ptmxmode=0666 devpts /root/dev/pts
box mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
${DEVICE_LINKS.map(({ name, target }) => `box ln -s ${target} /root/dev/${name}`).join("\n")}
box mount -o bind ${outside} /root${OUTSIDE}
${network ? mountResolver("/root", "/resolv.conf", "box", "exit 1") : ""}exec 3<&0
${"command" in script ? runText(script.command, job, outside) : runFunction(script.shell, job)}while set -- /proc/[0-9]*; [ $# -gt 1 ]; do
  kill -9 -1 2>/dev/null || true
  box usleep 2000
done
[ ! -e /unwatched ] || exit 1

stage=result
${network ? unmountResolver("box", MOVED) : ""}box head -c ${REFUSED} /refused >/told
: >/removed
if [ $script = 0 ]; then
  socket=$(cd /work/image; own find . -type s -print -quit)
  if [ -n "$socket" ]; then
    echo "$socket" >&2
    stage=socket
    exit 1
  fi
  list >/after
  own comm -z -13 /before /after >/differ
  (cd /work/image; own find . -links +1 ! -type d -printf '%i %p\\0') >/linked
  { names </differ; /tools/bash -c ${shellQuoted(OTHER_NAMES)}; } | own sort -zu >/changed
  names </before >/names-before
  names </after >/names-after
  own comm -z -23 /names-before /names-after >/removed
fi
stage=
echo "script=$script refused=$(box stat -c %s /told) removed=$(box stat -c %s /removed)"
box cat /told /removed
if [ $script = 0 ]; then
  own tar --format=pax --xattrs --xattrs-include='*' --xattrs-exclude=security.selinux --numeric-owner \\
    --no-recursion --null -C /work/image -T /changed -cf -
fi
`;
}
