/**
 * What runs a function's commands where no process of the host's may enter, as text of busybox's shell: a loop that takes them from the
 * host, one a line, and one process that sends what they write in frames, which begin with a line (`command-channel.ts`).
 */
import { shellQuoted } from "../model/shell-quoted.ts";
import { shellFlags } from "./script-shell.ts";
import type { ScriptShellProgram } from "./script-place.ts";

export interface CommandLoop {
  /** Absolute, of the program that all else is done by. */
  readonly busybox: string;
  /** What stands before a command: shell words and redirections. */
  readonly before: string;
  /** The folder that is the commands' root. */
  readonly root: string;
  readonly shell: ScriptShellProgram;
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors of the host's lines, and of what it is sent. */
  readonly from: number;
  readonly to: number;
  /** Not there before, outside of the root. */
  readonly folder: string;
}

/** Bytes of what a command writes that are sent at a time. */
const FRAME = 65_536;

/**
 * Sets `script` to what the host says at the end, or to another status where the loop was killed. Afterwards nobody sends anything, and what
 * still runs may be ended. What is left of a command's group ends with it.
 */
export function commandLoop({ busybox, before, root, shell, env, from, to, folder }: CommandLoop): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const inner = ["chroot", root, shell.path, ...shellFlags(shell), "-c"].map(shellQuoted).join(" ");
  return `hand() {
  each=0
  while part=${folder}/$2.$1.$each && ${busybox} dd bs=${FRAME} count=1 of=$part 2>/dev/null && [ -s $part ]; do
    echo "$1 $2 $(${busybox} stat -c %s $part) $part" >&6
    each=$((each + 1))
  done <${folder}/$2.$1
}
call() {
  # They can be opened again by whoever it runs as, as /dev/stdout and /dev/stderr are.
  ${busybox} mkfifo -m 666 ${folder}/$1.out ${folder}/$1.err
  hand out $1 &
  hand err $1 &
  ${busybox} setsid ${before} ${busybox} env -i ${variables.map(shellQuoted).join(" ")} ${busybox} ${inner} "$2" \\
    </dev/null >${folder}/$1.out 2>${folder}/$1.err 6>&- &
  leader=$! status=0
  wait $leader || status=$?
  kill -9 -$leader 2>/dev/null || :
  wait
  echo "end $1 $status" >&6
}
${busybox} mkdir ${folder}
${busybox} mkfifo ${folder}/frames
(while read -r kind number value part; do
  [ $kind != stop ] || break
  echo "$kind $number $value"
  if [ -n "$part" ]; then
    ${busybox} cat $part
    ${busybox} rm $part
  fi
done <${folder}/frames >&${to}) &
sender=$!
(exec 6>${folder}/frames ${to > 2 ? `${to}>&-` : ">&2"}
echo ready 0 0 >&6
while read -r number text <&${from}; do
  [ $number != end ] || break
  call $number "$(echo "$text" | ${busybox} base64 -d)" ${from}<&- &
done
echo stop >&6
[ "$number" = end ] || exit 143
exit $text) &
script=0
wait $! || script=$?
[ $script -le 1 ] || kill -9 $sender 2>/dev/null || :
wait $sender || :
`;
}
