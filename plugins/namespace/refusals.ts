/** What the kernel refused a script because it was in a user namespace: a machine's root would have got it. */

/** System calls by the errors that say so. Calls that an architecture has not are marked by "?" for strace. */
const REFUSALS: readonly { readonly calls: readonly string[]; readonly errors: readonly string[] }[] = [
  // An id that no id outside stands for.
  { calls: ["chown", "lchown", "fchown", "fchownat"], errors: ["EINVAL"] },
  {
    calls: ["setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid"],
    errors: ["EINVAL"],
  },
  { calls: ["setgroups"], errors: ["EINVAL", "EPERM"] },
  { calls: ["mknod", "mknodat"], errors: ["EPERM"] },
  { calls: ["setxattr", "lsetxattr", "fsetxattr"], errors: ["EPERM", "EOPNOTSUPP"] },
  {
    calls: ["mount", "umount2", "fsopen", "fsmount", "move_mount", "open_tree", "mount_setattr", "swapon", "swapoff"],
    errors: ["EPERM"],
  },
  { calls: ["clock_settime", "settimeofday", "adjtimex", "clock_adjtime"], errors: ["EPERM"] },
  { calls: ["setrlimit", "prlimit64"], errors: ["EPERM"] },
  { calls: ["init_module", "finit_module", "delete_module", "kexec_load", "reboot"], errors: ["EPERM"] },
  {
    calls: ["open_by_handle_at", "fanotify_init", "bpf", "syslog", "acct", "quotactl", "iopl", "ioperm"],
    errors: ["EPERM"],
  },
  // In the host's network.
  { calls: ["socket"], errors: ["EPERM"] },
  { calls: ["bind"], errors: ["EACCES"] },
  // The script is being traced.
  { calls: ["ptrace"], errors: ["EPERM"] },
];

/** Open files without bound, which no kernel grants to anybody: what it counts them by is an int. */
const NEVER = /^(setrlimit|prlimit64)\(.*\bRLIMIT_NOFILE, \{.*\brlim_max=RLIM(64)?_INFINITY\}/;

/** What strace looks out for. */
export const WATCHED = REFUSALS.flatMap(({ calls }) => calls.map((call) => `?${call}`)).join(",");

/** The first one in what strace wrote: the call as C has it, and the error; undefined where there is none. */
export function refusalIn(log: string): string | undefined {
  for (const line of log.split("\n")) {
    const match = /^\d+ +((\w+)\(.*) += -1 (E\w+)/.exec(line);
    if (match === null) continue;
    const [, text = "", call = "", error = ""] = match;
    if (REFUSALS.some(({ calls, errors }) => calls.includes(call) && errors.includes(error)) && !NEVER.test(text))
      return `${text} (${error})`;
  }
  return undefined;
}
